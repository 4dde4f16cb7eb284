"""Cases and certificates side by side: whatever a family corrects or withdraws, one birth has one paper that holds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.cases.service import SERVICE as CASES
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import InReview
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued, NotIssued
from services.certificates.read_models.holdings import living_of
from services.certificates.service import SERVICE as CERTIFICATES
from shared.contracts.event import Event
from shared.contracts.identity import IdentityItemUndone, Role
from shared.eventstore.folding import learned
from shared.messaging.asked_item import reference
from tests.databases import Databases
from tests.department import Department, running
from tests.services.cases.bureau import NAMES, Bureau, running_case, statuses
from tests.services.cases.examples import FATHER, MOTHER
from tests.services.certificates.case_world import World, made_ready
from tests.services.certificates.office import Office
from tests.until import until

PAPER = "birth_medical"
ASKS = ["cases.CertificatesItemRequested", "cases.CertificatesItemWithdrawn"]
ANSWERS = [f"certificates.CertificatesItem{what}" for what in ("Waiting", "Done", "Refused", "Undone")]
NEXT = """
select stream, type, schema, data::text as data, id from events
where type = any($1::text[]) order by recorded_at, stream, version
"""


class Town:
    """Both departments run with all their duties; what one tells the other is carried as the broker would."""

    def __init__(self, bureau: Bureau, world: World) -> None:
        self.bureau, self.world = bureau, world
        self._carried: set[UUID] = set()

    async def carry(self) -> None:
        cases, certificates = self.bureau.department, self.world.office.department
        await self._carry(cases, certificates, ASKS)
        await self._carry(certificates, cases, ANSWERS)

    async def _carry(self, sender: Department, receiver: Department, types: list[str]) -> None:
        rows = await sender.engine.pool.fetch(NEXT, types)
        await learned(rows, sender.engine.registry)
        for row in rows:
            if row["id"] not in self._carried:
                self._carried.add(row["id"])
                event: Event = sender.engine.registry.decode(row["type"], row["schema"], row["data"], row["id"])
                await receiver.give(row["stream"], event)

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        async def carried() -> bool:
            await self.carry()
            return await condition()

        await until(carried, timeout=60, what=what)

    async def comes_to(self, case: UUID, status: str) -> None:
        async def stands() -> bool:
            shown = await (await self.bureau.citizen()).get(f"/cases/{case}")
            return status in (statuses(shown)[PAPER], shown.json()["status"])

        await self.until(stands, f"{status}")

    async def approve(self, case: UUID, attempt: int = 1) -> None:
        application = reference(case, PAPER, attempt)

        async def lies_there() -> bool:
            loaded = await self.world.store.load(APPLICATION.stream(application), APPLICATION)
            return isinstance(loaded.state, InReview)

        await self.until(lies_there, f"attempt {attempt} is under review")
        approved = await (await self.world.nurse()).post(f"/applications/{application}/approve")
        assert approved.status_code == 200, approved.text
        await self.comes_to(case, "done")

    async def valid(self) -> list[str]:
        """The child's name on each birth certificate of the mother's that holds."""
        names = []
        for one in await living_of(self.world.office.department.engine.pool, MOTHER):
            state = (await self.world.store.load(CERTIFICATE.stream(one.certificate), CERTIFICATE)).state
            assert not isinstance(state, NotIssued)
            if state.as_issued.certificate_type == PAPER and isinstance(state, Issued):
                names.append(state.as_issued.content["child_name"])
        return names


@pytest.fixture
async def town(databases: Databases) -> AsyncIterator[Town]:
    async with AsyncExitStack() as opened:
        of_cases = await opened.enter_async_context(databases.fresh())
        of_certificates = await opened.enter_async_context(databases.fresh())
        cases = await opened.enter_async_context(running(CASES, of_cases))
        certificates = await opened.enter_async_context(running(CERTIFICATES, of_certificates))
        bureau = await opened.enter_async_context(Bureau(cases))
        world = await made_ready(await opened.enter_async_context(Office(certificates)))
        await bureau.know_the_parents()
        await world.know(FATHER, *NAMES[FATHER])
        yield Town(bureau, world)


async def correct_the_name(town: Town, case: UUID, name: str) -> None:
    """The counter asks, the mother answers, the father agrees again."""
    window = await town.bureau.staff(Role.window)
    asked = await window.post(f"/cases/{case}/ask", json={"text": "请核对姓名", "fields": ["child_name"]})
    assert asked.status_code == 200, asked.text
    answered = await (await town.bureau.citizen()).post(
        f"/cases/{case}/supplement", json={"form": {"child_name": name}}
    )
    assert answered.json()["consents_missing"] == ["father"], answered.text
    agreed = await (await town.bureau.citizen(FATHER)).post(f"/cases/{case}/consent")
    assert agreed.status_code == 200, agreed.text


async def test_a_name_corrected_after_issue_leaves_one_paper(town: Town) -> None:
    case = await running_case(town.bureau)
    await town.approve(case)
    assert await town.valid() == ["寓小满"]
    await correct_the_name(town, case, "寓大满")
    await town.approve(case, attempt=2)
    assert await town.valid() == ["寓大满"]


async def test_stopped_and_handed_in_anew_leaves_one_paper(town: Town) -> None:
    case = await running_case(town.bureau)
    await town.approve(case)
    stopped = await (await town.bureau.citizen()).post(f"/cases/{case}/withdraw")
    assert stopped.json()["status"] == "stopping"
    await town.carry()
    assert await town.valid() == ["寓小满"], "until it is known that nobody was entered by it"
    await town.bureau.answer(IdentityItemUndone(case=case, item="household_entry", undone_at=datetime.now(UTC)))
    await town.comes_to(case, "closed")
    assert await town.valid() == []
    again = await running_case(town.bureau, child_name="寓大满")
    assert again != case
    await town.approve(again)
    assert await town.valid() == ["寓大满"]
