"""Who was dismissed signs nothing more, and his signature is stopped by itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.dismissing import ITSELF, Dismissing
from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_state import InUse, Stopped
from services.certificates.sealing import signing_pair
from services.certificates.service import SERVICE
from shared.contracts.errors import Refused
from shared.contracts.identity import StaffDismissed
from shared.contracts.seals import SealStopped
from shared.eventstore.aggregate import Context
from tests.department import Department, running
from tests.services.certificates.examples import COLLEAGUE, CREDIT_CODE, FORM, NOW, REVIEWER, ZHANG
from tests.services.certificates.histories import appointed
from tests.services.certificates.sealed import give_seals
from tests.services.certificates.test_issuing import another, issued
from tests.until import until

DISMISSED = StaffDismissed(staff=REVIEWER.id, dismissed_at=NOW)


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties: here tests sweep themselves."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        yield without_duties


async def dismissed(department: Department) -> dict[str, UUID]:
    seals = await give_seals(department)
    await department.give(f"staff-{REVIEWER.id}", appointed(), DISMISSED)
    return seals


async def test_his_signature_is_stopped_once_with_the_reason_and_nobody_elses(department: Department) -> None:
    seals = await dismissed(department)
    dismissing, store = Dismissing(department.engine.store, department.engine.pool), department.engine.store
    await dismissing.sweep()
    await dismissing.sweep()
    his = await store.load(SEAL.stream(seals[str(REVIEWER.id)]), SEAL)
    assert isinstance(his.state, Stopped)
    [stopped] = [event.data for event in his.events if isinstance(event.data, SealStopped)]
    assert (stopped.stopped_by, "离任" in stopped.reason) == (ITSELF, True)
    for other in (str(COLLEAGUE.id), CREDIT_CODE):
        assert isinstance((await store.load(SEAL.stream(seals[other]), SEAL)).state, InUse)


async def test_it_signs_nothing_before_it_is_stopped_either(department: Department) -> None:
    """Approved by him, killed before it was issued; then he was dismissed."""
    store, id = department.engine.store, uuid4()
    for command in (SubmitApplication(id, ZHANG, FORM, NOW), ApproveApplication(REVIEWER, NOW)):
        await store.execute(APPLICATION.stream(id), APPLICATION, command, Context())
    await dismissed(department)
    with pytest.raises(Refused, match="officer_dismissed"):
        await signing_pair(department.engine.pool, store, issuer_code=CREDIT_CODE, reviewer=REVIEWER.id, now=NOW)
    assert await another(department).sweep() == 0
    assert await issued(department) == []


async def test_the_leader_stops_it_by_itself(database: DepartmentDatabase) -> None:
    async with running(SERVICE, database) as department:
        seals = await dismissed(department)

        async def is_stopped() -> bool:
            state = (await department.engine.store.load(SEAL.stream(seals[str(REVIEWER.id)]), SEAL)).state
            return isinstance(state, Stopped)

        assert await until(is_stopped, what="the signature is stopped")
