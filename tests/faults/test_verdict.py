"""What the matrix calls lost and doubled."""

from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.notification.service import SERVICE
from tests.department import running
from tests.faults.commands import Command
from tests.faults.verdict import NOTICES, TOLD_OF, is_doubled
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
