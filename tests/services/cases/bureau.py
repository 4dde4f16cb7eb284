"""Parents, the bureau and the departments it asks, at the department's door."""

from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid5

import httpx

from shared.contracts.case_items import Words
from shared.contracts.certificates import CertificatesItemDone, CertificatesItemRefused, CertificatesItemUndone
from shared.contracts.event import Event
from shared.contracts.identity import (
    CitizenRegistered,
    IdentityItemDone,
    IdentityItemUndone,
    MarriageRecorded,
    PersonRegistered,
    Role,
)
from shared.contracts.insurance import InsuranceItemDone
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber
from shared.standards.shanghai import day_in_shanghai
from tests.department import Department
from tests.refusals import fields as fields
from tests.refusals import problem as problem
from tests.services.cases.examples import FATHER, MOTHER

VILLAGE = "130123100242"
COUNTY = "130123000000"
MARRIAGE = UUID("018c94c2-4f00-7000-8000-0000000000d1")
NAMES = {MOTHER: ("季试用", "130123199202189981"), FATHER: ("寓客来", "130123198808169999")}


class Bureau:
    def __init__(self, department: Department) -> None:
        self.department = department
        self._clients = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._clients.aclose()

    async def know_the_parents(self, *, married: bool = True) -> None:
        for person, (name, number) in NAMES.items():
            await self.department.give(
                f"person-{person}",
                PersonRegistered(
                    person=person,
                    name=name,
                    id_number=IdNumber(number),
                    division=VILLAGE,
                    address="西街5排1号",
                    registered_on=day_in_shanghai(datetime.now(UTC)),
                ),
            )
            await self.department.give(
                f"account-{person}",
                CitizenRegistered(
                    citizen=person, name=name, phone=MobileNumber("13800138000"), registered_at=datetime.now(UTC)
                ),
            )
        if married:
            await self.department.give(
                f"marriage-{MARRIAGE}",
                MarriageRecorded(
                    marriage=MARRIAGE,
                    persons=(MOTHER, FATHER),
                    licence="J130123-2020-000123",
                    married_on=date(2019, 12, 20),
                    recorded_at=datetime.now(UTC),
                ),
            )

    async def citizen(self, person: UUID = MOTHER, key: str | None = None, language: str = "en") -> httpx.AsyncClient:
        headers = {} if key is None else {"idempotency-key": key}
        token = self.department.token("citizen", person)
        return await self._clients.enter_async_context(self.department.client(token, language, **headers))

    async def staff(self, role: Role = Role.window, division: str = COUNTY) -> httpx.AsyncClient:
        token = self.department.token("staff", uuid5(MOTHER, f"{role} {division}"), [role], division)
        return await self._clients.enter_async_context(self.department.client(token))

    async def answer(self, *events: Event) -> None:
        """What a department answers arrives."""
        for event in events:
            case, item = event.case, event.item  # type: ignore[attr-defined]
            await self.department.give(f"item-{case}-{item}", event)


def form(**changed: str) -> dict[str, Any]:
    yesterday = day_in_shanghai(datetime.now(UTC) - timedelta(days=1))
    return {
        "definition": "birth",
        "form": {
            "child_name": "寓小满",
            "child_sex": "female",
            "birth_date": yesterday.isoformat(),
            "birth_order": "first",
            "birth_time": "09:30",
            "gestation_weeks": "39",
            "weight_grams": "3250",
            "length_cm": "50",
            "hospital": "zhengding_people",
            "householder": "mother",
            "card_bank": "icbc",
            **changed,
        },
    }


def at_counter(**changed: str) -> dict[str, Any]:
    """The same, handed in for the mother, who is there."""
    name, number = NAMES[MOTHER]
    return {**form(**changed), "applicant": {"name": name, "id_number": number}, "card_seen": True}


async def running_case(bureau: Bureau, **changed: str) -> UUID:
    """A birth's case that both parents want; its id."""
    mother, father = await bureau.citizen(MOTHER), await bureau.citizen(FATHER)
    opened = await mother.post("/cases", json=form(**changed))
    assert opened.status_code == 201, opened.text
    case = UUID(opened.json()["case"])
    agreed = await father.post(f"/cases/{case}/consent")
    assert agreed.status_code == 200, agreed.text
    return case


def paper(case: UUID, item: str, **results: str) -> CertificatesItemDone:
    return CertificatesItemDone(case=case, item=item, results=results, done_at=datetime.now(UTC))


def entry(case: UUID) -> IdentityItemDone:
    results = {"child": str(uuid5(case, "child")), "child_id_number": "130123202312220023"}
    return IdentityItemDone(case=case, item="household_entry", results=results, done_at=datetime.now(UTC))


def enrolled(case: UUID) -> InsuranceItemDone:
    return InsuranceItemDone(
        case=case, item="enrolment", results={"insured_from": "2023-12-22"}, done_at=datetime.now(UTC)
    )


def paper_refused(case: UUID, item: str, *, may_retry: bool = False) -> CertificatesItemRefused:
    return CertificatesItemRefused(
        case=case,
        item=item,
        code="no_such_birth",
        reason=Words(zh="医院没有这次分娩的记录。", en="The hospital has no record of this delivery."),
        may_retry=may_retry,
        refused_at=datetime.now(UTC),
    )


def paper_undone(case: UUID, item: str) -> CertificatesItemUndone:
    return CertificatesItemUndone(case=case, item=item, undone_at=datetime.now(UTC))


def entry_undone(case: UUID) -> IdentityItemUndone:
    return IdentityItemUndone(case=case, item="household_entry", undone_at=datetime.now(UTC))


def statuses(answer: httpx.Response) -> dict[str, str]:
    return {item["item"]: item["status"] for item in answer.json()["items"]}
