"""Identity's read models on a real Postgres: events in, rows out, however they are divided into batches."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from random import Random
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from services.identity.domain.events import StaffLoginGiven
from services.identity.read_models import household_register, staff_directory
from services.identity.read_models.household_register import HOUSEHOLD_REGISTER
from services.identity.read_models.place import Place, extent
from services.identity.read_models.staff_directory import STAFF_DIRECTORY
from services.identity.read_models.standing_marriages import STANDING_MARRIAGES, Widowed, widowed
from services.identity.read_models.wards import WARDS, wards_of
from services.identity.service import SERVICE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Invalid
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    GuardiansNamed,
    MarriageEnded,
    MarriageRecorded,
    MarriageRestored,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
    Role,
    StaffAppointed,
    StaffDismissed,
)
from shared.eventstore.bring_up import bring_up
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.read_model import group
from shared.standards.errors import NotValid
from tests.services.identity.examples import (
    LI_NUMBER,
    NAMESAKE,
    NOW,
    PINGNAN_VILLAGE,
    TAYUANZHUANG,
    WANG_NUMBER,
    ZHENGDING,
)

ENTERED, CORRECTED, MOVED, RETURNED = (UUID(int=n) for n in (1, 2, 3, 4))
SERVING, DISMISSED, DEAD = UUID(int=5), UUID(int=6), UUID(int=7)
CHILD, WIDOWED, PARTED = UUID(int=8), UUID(int=9), UUID(int=10)
REVIVED, RESTORED, STANDING = UUID(int=11), UUID(int=12), UUID(int=13)
DAY = date(2023, 12, 24)
EVERYWHERE = "000000000000"
MODELS = (HOUSEHOLD_REGISTER, STAFF_DIRECTORY, STANDING_MARRIAGES, WARDS)


def entered(person: UUID) -> PersonRegistered:
    return PersonRegistered(
        person=person,
        name="王小明",
        id_number=WANG_NUMBER,
        division=TAYUANZHUANG,
        address="12号",
        registered_on=DAY,
    )


def moved(person: UUID, division: str, address: str) -> PersonMoved:
    return PersonMoved(person=person, from_division="", division=division, address=address, moved_on=DAY)


def corrected(person: UUID) -> PersonCorrected:
    return PersonCorrected(person=person, name="李华", id_number=LI_NUMBER, reason="错", corrected_at=NOW)


def appointed(staff: UUID) -> StaffAppointed:
    roles = frozenset({Role.registrar, Role.administrator})
    return StaffAppointed(staff=staff, name="王警官", roles=roles, division=ZHENGDING, appointed_at=NOW)


def married(marriage: UUID, *persons: UUID) -> MarriageRecorded:
    return MarriageRecorded(
        marriage=marriage, persons=persons, licence="J130123-2021-000520", married_on=DAY, recorded_at=NOW
    )


def parted(marriage: UUID, *persons: UUID) -> MarriageEnded:
    return MarriageEnded(marriage=marriage, persons=persons, reason="divorce", ended_on=DAY, recorded_at=NOW)


def guarded(person: UUID, *guardians: UUID) -> GuardiansNamed:
    return GuardiansNamed(person=person, guardians=guardians, named_at=NOW)


def revived(person: UUID) -> list[Event]:
    withdrawn = DeathRecordWithdrawn(person=person, died_on=DAY, reason="误登", basis="核查报告", withdrawn_at=NOW)
    return [entered(person), PersonDied(person=person, died_on=DAY, recorded_at=NOW), withdrawn]


STREAMS: dict[str, list[Event]] = {
    f"person-{ENTERED}": [entered(ENTERED)],
    f"person-{CORRECTED}": [entered(CORRECTED), corrected(CORRECTED)],
    f"person-{DEAD}": [entered(DEAD), PersonDied(person=DEAD, died_on=DAY, recorded_at=NOW)],
    f"person-{MOVED}": [entered(MOVED), corrected(MOVED), moved(MOVED, NAMESAKE, "3栋")],
    f"person-{RETURNED}": [
        entered(RETURNED),
        moved(RETURNED, NAMESAKE, "3栋"),
        moved(RETURNED, TAYUANZHUANG, "7号"),
    ],
    f"person-{CHILD}": [guarded(CHILD, ENTERED, DEAD), guarded(CHILD, MOVED, DEAD)],
    f"person-{REVIVED}": revived(REVIVED),
    f"marriage-{STANDING}": [married(STANDING, ENTERED, REVIVED)],
    f"marriage-{RESTORED}": [
        married(RESTORED, MOVED, DEAD),
        parted(RESTORED, MOVED, DEAD),
        MarriageRestored(marriage=RESTORED, persons=(MOVED, DEAD), restored_at=NOW),
    ],
    f"marriage-{WIDOWED}": [married(WIDOWED, ENTERED, DEAD)],
    f"marriage-{PARTED}": [married(PARTED, DEAD, MOVED), parted(PARTED, DEAD, MOVED)],
    f"staff-{SERVING}": [appointed(SERVING), StaffLoginGiven(login="wang")],
    f"staff-{DISMISSED}": [
        appointed(DISMISSED),
        StaffLoginGiven(login="li"),
        StaffDismissed(staff=DISMISSED, dismissed_at=NOW),
    ],
}

REGISTER = [
    household_register.Row(MOVED, "李华", LI_NUMBER.masked, NAMESAKE, "3栋", DAY, None),
    household_register.Row(ENTERED, "王小明", WANG_NUMBER.masked, TAYUANZHUANG, "12号", DAY, None),
    household_register.Row(CORRECTED, "李华", LI_NUMBER.masked, TAYUANZHUANG, "12号", DAY, None),
    household_register.Row(RETURNED, "王小明", WANG_NUMBER.masked, TAYUANZHUANG, "7号", DAY, None),
    household_register.Row(DEAD, "王小明", WANG_NUMBER.masked, TAYUANZHUANG, "12号", DAY, DAY),
    household_register.Row(REVIVED, "王小明", WANG_NUMBER.masked, TAYUANZHUANG, "12号", DAY, None),
]
ROLES = frozenset({Role.registrar, Role.administrator})
DIRECTORY = [
    staff_directory.Row(SERVING, "王警官", "wang", ROLES, ZHENGDING, None, NOW, None),
    staff_directory.Row(DISMISSED, "王警官", "li", ROLES, ZHENGDING, None, NOW, NOW),
]


def mixed(order: Random) -> list[Recorded]:
    """Each stream in its own order, the streams in any."""
    left = {stream: list(enumerate(events, 1)) for stream, events in STREAMS.items()}
    events = []
    while left:
        stream = order.choice(sorted(left))
        version, event = left[stream].pop(0)
        if not left[stream]:
            del left[stream]
        type_name = f"identity.{type(event).__name__}"
        events.append(Recorded(uuid7(), stream, version, type_name, event, Metadata(), NOW))
    return events


def batches(events: list[Recorded], order: Random) -> list[list[Recorded]]:
    cuts = sorted(order.sample(range(1, len(events)), order.randrange(len(events))))
    return [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]


async def apply(pool: Pool, parts: Sequence[list[Recorded]]) -> None:
    for part in parts:
        async with pool.acquire() as connection, connection.transaction():
            await group(MODELS, part).run(connection)


@pytest.fixture
async def pool(database: DepartmentDatabase) -> AsyncIterator[Pool]:
    """A database where the read models are laid."""
    await migrate(database.owner_url, database.app)
    pool = await connect_pool(database.app_url, name="identity")
    async with pool:
        async with pool.acquire() as connection:
            await bring_up(connection, MODELS, SERVICE.registry(CONTRACTS), is_alone=True)
        yield pool


@pytest.mark.parametrize("seed", range(5))
async def test_however_events_are_mixed_and_batched_the_rows_are_the_same(pool: Pool, seed: int) -> None:
    order = Random(seed)
    await apply(pool, batches(mixed(order), order))

    assert await household_register.page(pool, EVERYWHERE, None, 10) == REGISTER
    assert await staff_directory.page(pool, EVERYWHERE, None, 10) == DIRECTORY
    assert await widowed(pool, 10) == [Widowed(WIDOWED, DAY, False), Widowed(RESTORED, DAY, False)]
    assert [await wards_of(pool, guardian) for guardian in (ENTERED, MOVED, DEAD)] == [[], [CHILD], [CHILD]]


async def test_a_history_that_comes_again_changes_nothing(pool: Pool) -> None:
    history = mixed(Random(1))
    await apply(pool, [history, history])

    assert await household_register.page(pool, EVERYWHERE, None, 10) == REGISTER
    assert await staff_directory.page(pool, EVERYWHERE, None, 10) == DIRECTORY
    assert await widowed(pool, 10) == [Widowed(WIDOWED, DAY, False), Widowed(RESTORED, DAY, False)]
    assert [await wards_of(pool, guardian) for guardian in (ENTERED, MOVED, DEAD)] == [[], [CHILD], [CHILD]]


async def test_a_page_begins_after_the_place_where_the_last_one_ended(pool: Pool) -> None:
    await apply(pool, [mixed(Random(1))])
    first = await household_register.page(pool, EVERYWHERE, None, 2)
    second = await household_register.page(pool, EVERYWHERE, Place(first[-1].division, first[-1].person), 9)

    assert [*first, *second] == REGISTER


async def test_a_division_holds_what_lies_within_it(pool: Pool) -> None:
    await apply(pool, [mixed(Random(1))])

    assert await household_register.page(pool, ZHENGDING, None, 10) == REGISTER[1:]
    assert await household_register.page(pool, NAMESAKE, None, 10) == REGISTER[:1]
    assert await household_register.page(pool, PINGNAN_VILLAGE, None, 10) == []


@pytest.mark.parametrize(
    ("division", "first", "last"),
    [
        ("000000000000", "000000000000", "999999999999"),
        ("130000000000", "130000000000", "139999999999"),
        ("130123000000", "130123000000", "130123999999"),
        ("130123", "130123000000", "130123999999"),
        ("130123100000", "130123100000", "130123100999"),
        ("130123100242", "130123100242", "130123100242"),
    ],
)
def test_a_divisions_extent_follows_from_its_zeros(division: str, first: str, last: str) -> None:
    assert extent(division) == (first, last)


def test_what_is_no_code_has_no_extent() -> None:
    with pytest.raises(NotValid):
        extent("13")


def test_a_place_is_read_as_it_is_written() -> None:
    place = Place(TAYUANZHUANG, ENTERED)

    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", "nonsense", "130123100242.", "130123100242.x"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Place.parse(text)
