"""What the matrix calls lost, doubled and skipped."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.service import SERVICE
from tests.databases import Databases
from tests.department import running
from tests.faults.commands import Command
from tests.faults.outcome import Outcome
from tests.faults.skipped import skipped
from tests.faults.verdict import NOTICES, TOLD_OF, Verdict, is_doubled
from tests.sample_road import Road, stopped
from tests.services.notification.examples import APPLICATION_STREAM, ESCALATED

ENTERED, CLAIMED = "identity.PersonRegistered", "identity.IdNumberClaimed"
FIRST, SECOND, THIRD = uuid4(), uuid4(), uuid4()


def command(*told: set[UUID]) -> Command:
    return Command("identity", "request", [frozenset(one) for one in told])


@pytest.mark.parametrize(
    ("told", "stored", "doubled"),
    [
        ([{FIRST}], {FIRST: ENTERED}, False),
        ([{FIRST}], {FIRST: ENTERED, SECOND: CLAIMED}, False),  # what it led to beside need not be told
        ([{FIRST}], {FIRST: ENTERED, SECOND: ENTERED}, True),
        ([{FIRST, SECOND}], {FIRST: ENTERED, SECOND: ENTERED}, False),  # an import
        ([{FIRST, SECOND}], {FIRST: ENTERED, SECOND: ENTERED, THIRD: ENTERED}, True),
        ([], {FIRST: ENTERED}, False),  # stored, and the answer never seen
        ([], {FIRST: ENTERED, SECOND: ENTERED}, True),
    ],
)
def test_a_command_is_doubled_when_it_stored_more_of_a_kind_than_it_told(
    told: list[set[UUID]], stored: dict[UUID, str], doubled: bool
) -> None:
    assert is_doubled(command(*told), stored) is doubled


@pytest.mark.parametrize(
    ("told", "ambiguous"),
    [
        ([{FIRST}, {FIRST}], False),
        ([{FIRST}, {FIRST, SECOND}], False),  # the certificate followed later
        ([{FIRST}, {SECOND}], True),
        ([{FIRST, SECOND}, {FIRST, THIRD}], True),
    ],
)
def test_two_answers_to_one_command_tell_of_one_outcome(told: list[set[UUID]], ambiguous: bool) -> None:
    assert command(*told).is_ambiguous is ambiguous


async def test_two_people_told_of_one_event_are_not_one_doubled(database: DepartmentDatabase) -> None:
    async with running(SERVICE, database) as notification:
        await notification.give(APPLICATION_STREAM, ESCALATED)
        row = await notification.engine.pool.fetchrow(NOTICES, TOLD_OF)
    assert row is not None
    assert row["written"] == row["told"] == len(ESCALATED.told) + 1  # and the applicant
    assert row["causes"] == 1


@pytest.fixture(scope="module")
async def road(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Road]:
    async with stopped(databases, tmp_path_factory.mktemp("road")) as both:
        yield both


ASIDE = "create table aside as table inbox; "
BACK = "delete from inbox; insert into inbox select * from aside; drop table aside; "
PARKED = """
insert into parked (feed, sequence, stream, error)
select feed, sequence, stream, 'x' from inbox where sequence = 3
"""


@pytest.mark.parametrize(
    ("department", "damage", "mend", "on_the_way", "settled"),
    [
        pytest.param("customs", "select", "select", 0, 0, id="all is held"),
        pytest.param(
            "customs", f"{ASIDE}delete from inbox where sequence in (3, 4)", BACK, 2, 2, id="below the checkpoint"
        ),
        pytest.param(
            "customs",
            f"{ASIDE}update inbox set id = gen_random_uuid() where sequence = 3",
            BACK,
            1,
            1,
            id="another event in its place",
        ),
        pytest.param(
            "customs",
            f"{ASIDE}delete from inbox where sequence > 30; update checkpoints set sequence = 30",
            f"{BACK}update checkpoints set sequence = 40",
            0,
            10,
            id="beyond the checkpoint",
        ),
        pytest.param("customs", PARKED, "delete from parked", 0, 0, id="parked"),
    ],
)
async def test_skipped_is_what_a_subscriber_should_have_and_has_not(
    road: Road, department: str, damage: str, mend: str, on_the_way: int, settled: int
) -> None:
    await road.by_hand(department, damage)
    counted = [await skipped(road.parties, road.catalogue, has_settled=one) for one in (False, True)]
    await road.by_hand(department, mend)
    assert counted == [on_the_way, settled]


async def test_a_public_event_that_is_numbered_in_no_feed_is_skipped(road: Road) -> None:
    await road.by_hand("customs", f"{ASIDE}delete from inbox where sequence = 40")
    await road.by_hand("harbour", "update log set feed = null, sequence = null where sequence = 40")
    counted = await skipped(road.parties, road.catalogue, has_settled=False)
    await road.by_hand("harbour", "update log set feed = 'harbour.ships', sequence = 40 where feed is null")
    await road.by_hand("customs", BACK)
    assert counted == 1


def test_a_row_with_something_skipped_is_not_good() -> None:
    outcome = Outcome("a fault", verdict=Verdict(skipped=2))
    assert not outcome.is_good
    assert outcome.told() == "2 skipped"
