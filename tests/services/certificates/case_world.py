"""A case that asks this department for papers, and those who review them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.certificates.case_items import CaseItems
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.seal_commands import Owner
from services.certificates.use_cases.case_papers import ITEM
from shared.contracts.case_items import Words
from shared.contracts.cases import CertificatesItemRequested, CertificatesItemWithdrawn
from shared.contracts.identity import PersonRegistered, Role
from shared.messaging import asked_item
from shared.messaging.asked_item import item_id, reference
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai
from tests.services.certificates.examples import VILLAGE
from tests.services.certificates.office import Office
from tests.services.certificates.sealed import COUNTY, give_seals
from tests.until import until

CASE = UUID("018c94c2-4f00-7000-8000-0000000000c1")
MOTHER = UUID("018c94c2-4f00-7000-8000-0000000000a1")
CHILD = UUID("018c94c2-4f00-7000-8000-0000000000e1")
MOTHERS_NUMBER, CHILDS_NUMBER = "130123199202189981", "130123202312200023"
NURSE, CLERK = UUID(int=71), UUID(int=72)
NOW = datetime.now(UTC)
BORN = {
    "holder_name": "季试用",
    "holder_id_number": MOTHERS_NUMBER,
    "child_name": "寓小满",
    "child_sex": "female",
    "born_on": day_in_shanghai(NOW - timedelta(days=2)).isoformat(),
}
PAPER = {
    **BORN,
    "birth_time": "09:30",
    "gestation_weeks": "39",
    "weight_grams": "3250",
    "length_cm": "50",
    "birth_order": "first",
    "birth_place": "河北省石家庄市正定县",
    "hospital_name": "正定县妇幼保健院",
}
FATHER = {"father_name": "甄样例", "father_id_number": "130123199008120016", "father_address": "东街1号"}
HOSPITAL = "12130123MB0001310R"
ELSEWHERE = {"division": "450821100001", "address": "大街1号"}
LONG_AGO, A_WHILE_AGO = NOW - timedelta(days=4), NOW - timedelta(minutes=5)
CARD = {"holder_name": "寓小满", "holder_id_number": CHILDS_NUMBER, "bank": "icbc"}


def requested(
    item: str, type: str, inputs: Mapping[str, str], *, attempt: int = 1, at: datetime | None = None
) -> CertificatesItemRequested:
    return CertificatesItemRequested(
        case=CASE,
        item=item,
        action="issue_certificate",
        parameters={"certificate_type": type},
        inputs=dict(inputs),
        applicant=MOTHER,
        definition="birth",
        definition_version=1,
        attempt=attempt,
        requested_at=at or datetime.now(UTC),
    )


def withdrawn(item: str, *, undo: bool = False) -> CertificatesItemWithdrawn:
    words = Words(zh="停办", en="stopped")
    return CertificatesItemWithdrawn(
        case=CASE, item=item, action="issue_certificate", undo=undo, reason=words, withdrawn_at=NOW
    )


class World:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.store = office.department.engine.store

    async def know(self, person: UUID, name: str, number: str) -> None:
        await self.office.department.give(
            f"person-{person}",
            PersonRegistered(
                person=person,
                name=name,
                id_number=IdNumber(number),
                division=VILLAGE,
                address="西街5排1号",
                registered_on=date(2023, 12, 22),
            ),
        )

    async def ask(self, *events: Any) -> None:
        await self.office.department.give(f"case-{CASE}", *events)

    async def said(self, item: str) -> list[Any]:
        return [event.data for event in (await self.store.load(ITEM.stream(item_id(CASE, item)), ITEM)).events]

    async def state(self, item: str) -> asked_item.State:
        return (await self.store.load(ITEM.stream(item_id(CASE, item)), ITEM)).state

    async def comes_to(self, item: str, answer: type) -> Any:
        async def told() -> bool:
            return any(isinstance(one, answer) for one in await self.said(item))

        await until(told, what=f"{item}: {answer.__name__}")
        return next(one for one in await self.said(item) if isinstance(one, answer))

    async def application(self, item: str, attempt: int = 1) -> Any:
        stream = APPLICATION.stream(reference(CASE, item, attempt))
        return (await self.store.load(stream, APPLICATION)).state

    async def comes_to_stand(self, item: str, state: type, attempt: int = 1) -> Any:
        async def stands() -> bool:
            return isinstance(await self.application(item, attempt), state)

        await until(stands, what=f"{item}: {state.__name__}")
        return await self.application(item, attempt)

    async def nurse(self) -> Any:
        return await self.office.reviewer(COUNTY, NURSE, role=Role.health_reviewer, has_seals=False)

    async def look(self) -> None:
        """Once over the desk, as the leader does every few seconds."""
        pool = self.office.department.engine.pool
        await CaseItems(self.store, pool, catalogue()).desk().work()

    async def approve(self, item: str, role: Role, reviewer: UUID, attempt: int = 1) -> None:
        client = await self.office.reviewer(COUNTY, reviewer, role=role, has_seals=False)
        answer = await client.post(f"/applications/{reference(CASE, item, attempt)}/approve")
        assert answer.status_code == 200, answer.text


async def made_ready(office: Office) -> World:
    await give_seals(
        office.department,
        [
            Owner("seal", "正定县妇幼保健院", "12130123MB0001310R", COUNTY),
            Owner("seal", "正定县人力资源和社会保障局", "11130123MB0001337L", COUNTY),
            Owner("signature", "护有责", str(NURSE), COUNTY),
            Owner("signature", "社有保", str(CLERK), COUNTY),
        ],
    )
    world = World(office)
    await world.know(MOTHER, "季试用", MOTHERS_NUMBER)
    return world


async def is_done(world: World, item: str) -> bool:
    return isinstance(await world.state(item), asked_item.Done)
