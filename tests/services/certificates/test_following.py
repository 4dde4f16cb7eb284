"""Living certificates: what identity tells leads by itself to what becomes of the certificates that rest on it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued, State, Suspended
from services.certificates.domain.settling import CHANGE
from services.certificates.following import Following
from services.certificates.read_models.changes import HeardChange, next_to_follow
from services.certificates.service import SERVICE
from shared.contracts.event import Event
from shared.contracts.identity import DeathRecordWithdrawn, PersonDied
from shared.department.paging import Place
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store
from tests.department import Department, running
from tests.services.certificates.examples import LI, NOW, OTHER_VILLAGE, TODAY, ZHANG, registered
from tests.services.certificates.histories import corrected, moved
from tests.services.certificates.lives import CORRECT, ISSUED, REINSTATE, SUSPEND, another, hold
from tests.until import until

STREAM = f"person-{ZHANG}"
DIED = PersonDied(person=ZHANG, died_on=TODAY, recorded_at=NOW)

WITHDRAWN = DeathRecordWithdrawn(
    person=ZHANG, died_on=TODAY, reason="误登", basis="正公户核〔2023〕12号", withdrawn_at=NOW
)


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties and timers: here tests sweep themselves."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        yield without_duties


@pytest.fixture
def store(department: Department) -> Store:
    return department.engine.store


@pytest.fixture
def following(department: Department) -> Following:
    return Following(department.engine.store, department.engine.pool, catalogue())


async def stands(store: Store, certificate: UUID) -> State:
    return (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).state


async def pending(department: Department) -> list[HeardChange]:
    return await next_to_follow(department.engine.pool, after=Place.first(), limit=100)


async def test_a_move_suspends_what_was_certified_about_the_place_left(
    department: Department, store: Store, following: Following
) -> None:
    here = await hold(store, another())
    elsewhere = await hold(store, another(division=OTHER_VILLAGE))
    others = await hold(store, another(citizen=LI))
    await department.give(STREAM, moved(ZHANG, OTHER_VILLAGE))
    [heard] = await pending(department)

    assert await following.sweep() == 1

    suspended = await stands(store, here)
    assert isinstance(suspended, Suspended)
    assert suspended.reason == "fact_changed"
    last = (await store.load(CERTIFICATE.stream(here), CERTIFICATE)).events[-1]
    assert (last.metadata.causation_id, last.metadata.actor) == (str(heard.event), "department:certificates")
    assert isinstance(await stands(store, elsewhere), Issued)
    assert isinstance(await stands(store, others), Issued)
    assert await pending(department) == []


@pytest.mark.parametrize(
    ("event", "state"),
    [(DIED, Suspended), (corrected(ZHANG, "张叁"), Suspended), (moved(ZHANG, OTHER_VILLAGE), Suspended)],
)
async def test_each_fact_has_its_consequence_once(
    department: Department, store: Store, following: Following, event: Event, state: type[object]
) -> None:
    certificate = await hold(store, another())
    await department.give(STREAM, event)
    assert await following.sweep() == 1
    assert await following.sweep() == 0
    loaded = await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)
    assert isinstance(loaded.state, state)
    assert loaded.version == 2


async def test_a_type_that_does_not_rest_on_the_fact_stands(
    department: Department, store: Store, following: Following
) -> None:
    rests_on_nothing = {
        code: [version.model_copy(update={"rests_on": frozenset()}) for version in versions]
        for code, versions in catalogue().types.items()
    }
    certificate = await hold(store, another())
    await department.give(STREAM, DIED)
    careless = replace(following, catalogue=replace(catalogue(), types=rests_on_nothing))
    assert await careless.sweep() == 1
    assert isinstance(await stands(store, certificate), Issued)


async def test_a_sweep_cut_short_does_nothing_twice(department: Department, store: Store, following: Following) -> None:
    """Killed before the change was settled; meanwhile a reviewer has reinstated the certificate."""
    certificate = await hold(store, another())
    await department.give(STREAM, moved(ZHANG, OTHER_VILLAGE))
    [heard] = await pending(department)
    await following._tell(certificate, heard, NOW, following._context(heard))
    await store.execute(CERTIFICATE.stream(certificate), CERTIFICATE, REINSTATE, Context())

    assert await following.sweep() == 1

    assert isinstance(await stands(store, certificate), Issued)
    settled = await store.load(CHANGE.stream(heard.event), CHANGE)
    assert settled.state is True


async def test_a_change_waits_for_a_correction_that_is_under_way(
    department: Department, store: Store, following: Following
) -> None:
    """The certificate is suspended at once; its next version is to be looked at too, so the change stays open."""
    certificate = await hold(store, another())
    await store.execute(CERTIFICATE.stream(certificate), CERTIFICATE, CORRECT, Context())
    await department.give(STREAM, moved(ZHANG, OTHER_VILLAGE))
    assert await following.sweep() == 0
    assert isinstance(await stands(store, certificate), Suspended)
    assert len(await pending(department)) == 1


async def test_one_that_cannot_be_followed_does_not_hold_up_the_others(
    department: Department, store: Store, following: Following
) -> None:
    await hold(store, another(certificate_type="moon_landing"))
    fine = await hold(store, another(citizen=LI))
    await department.give(STREAM, DIED)
    await department.give(f"person-{LI}", DIED.model_copy(update={"person": LI}))
    assert await following.sweep() == 1
    assert isinstance(await stands(store, fine), Suspended)


async def test_two_who_sweep_at_once_lead_to_one_suspension(
    department: Department, store: Store, following: Following
) -> None:
    certificate = await hold(store, another())
    await department.give(STREAM, DIED)
    [heard] = await pending(department)
    for who in (following, Following(store, department.engine.pool, catalogue())):
        await who.follow(heard, NOW)
    assert (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).version == 2


async def test_what_a_death_suspended_holds_again_when_the_record_is_withdrawn(
    department: Department, store: Store, following: Following
) -> None:
    certificate, before = await hold(store, another()), await hold(store, another())
    await store.execute(CERTIFICATE.stream(before), CERTIFICATE, SUSPEND, Context())
    await department.give(STREAM, registered(ZHANG), DIED)
    assert await following.sweep() == 1
    await department.give(STREAM, WITHDRAWN)
    [heard] = await pending(department)
    assert await following.sweep() == 1

    assert isinstance(await stands(store, certificate), Issued)
    last = (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).events[-1]
    assert last.metadata.causation_id == str(heard.event)
    still = await stands(store, before)
    assert isinstance(still, Suspended)
    assert still.reason == "under_review"
    assert await pending(department) == []


async def test_a_death_that_is_heard_with_its_withdrawal_suspends_nothing(
    department: Department, store: Store, following: Following
) -> None:
    certificate = await hold(store, another())
    await department.give(STREAM, registered(ZHANG), DIED, WITHDRAWN)
    assert await following.sweep() == 2
    assert (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).version == 1


async def test_a_correction_that_ends_after_the_withdrawal_is_not_touched_by_the_death(
    department: Department, store: Store, following: Following
) -> None:
    """The death stays open while a next version is on its way; by then the record is withdrawn."""
    certificate = await hold(store, another())
    await store.execute(CERTIFICATE.stream(certificate), CERTIFICATE, CORRECT, Context())
    await department.give(STREAM, registered(ZHANG), DIED)
    assert await following.sweep() == 0
    await department.give(STREAM, WITHDRAWN)
    await following.sweep()
    assert isinstance(await stands(store, certificate), Issued)
    version = await hold(store, another())
    await following.sweep()
    assert isinstance(await stands(store, version), Issued)


async def test_the_leader_follows_and_expires_by_itself(database: DepartmentDatabase) -> None:
    async with running(SERVICE, database) as department:
        store = department.engine.store
        living, over = await hold(store, another()), await hold(store, another(valid_to=ISSUED.valid_to))
        await department.give(STREAM, DIED)

        async def told() -> set[str]:
            rows = await department.engine.pool.fetch("select certificate, status from holdings")
            statuses = {row["certificate"]: row["status"] for row in rows}
            return {statuses[living]} if statuses[living] == "suspended" and statuses[over] != "valid" else set()

        assert await until(told, what="both followed") == {"suspended"}
        assert type(await stands(store, over)).__name__ in {"Expired", "Suspended"}
