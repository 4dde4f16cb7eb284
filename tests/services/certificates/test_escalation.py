"""When the clock runs out: village → township → county → city. Given, when, then."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.certificates.domain.application import APPLICATION, Command
from services.certificates.domain.application_state import InReview
from services.certificates.domain.escalation import EscalateApplication, NoteOverdue, levels_above
from services.certificates.domain.review import ApproveApplication, SendBackApplication
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import ApplicationEscalated, ApplicationStepPassed
from shared.contracts.errors import NotAllowed, NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role
from tests.services.certificates.examples import (
    APPLICATION_ID,
    APPROVE,
    APPROVED,
    MINUTE,
    NOW,
    RESIDENCE,
    REVIEWER,
    SUBMITTED,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    state_after,
)
from tests.services.certificates.test_review_chain import CHECKED, COUNTY, POLICE, refusal, submitted, then, when

CITY = "130100000000"
PROMISED = NOW + 30 * MINUTE
TOWN_HEAD = Reviewer(UUID("0192c000-0000-7000-8000-000000000011"), TOWNSHIP, frozenset({Role.leader}))


def escalated(given: Sequence[Event], *told: UUID, after: timedelta = timedelta()) -> list[Event]:
    """The clock is looked at, and the level above told."""
    now = PROMISED + after
    return then(given, NoteOverdue(now), EscalateApplication(told, now))


@pytest.mark.parametrize(
    ("division", "above"),
    [
        (VILLAGE, [("township", TOWNSHIP), ("county", COUNTY), ("city", CITY)]),
        (TOWNSHIP, [("county", COUNTY), ("city", CITY)]),
        (COUNTY, [("city", CITY)]),
        (CITY, []),
        ("441900003001", [("township", "441900003000"), ("city", "441900000000")]),  # Dongguan has no counties
    ],
)
def test_levels_are_told_from_the_nearest_up_to_the_city(division: str, above: list[tuple[str, str]]) -> None:
    assert list(levels_above(division)) == above


def test_nothing_is_noted_before_the_promise_is_over() -> None:
    assert when(SUBMITTED, NoteOverdue(PROMISED - timedelta(microseconds=1))) == []
    assert when(SUBMITTED, NoteOverdue(PROMISED))


def test_those_appointed_at_the_township_are_told_and_the_county_half_an_hour_later() -> None:
    [*_, told] = escalated(SUBMITTED, TOWN_HEAD.id)
    assert told == ApplicationEscalated(
        application=APPLICATION_ID,
        citizen=ZHANG,
        certificate_type="residence",
        level="township",
        division=TOWNSHIP,
        told=(TOWN_HEAD.id,),
        overdue_since=PROMISED,
        escalated_at=PROMISED,
        escalates_at=PROMISED + 30 * MINUTE,
    )


def test_a_level_without_anybody_says_so_and_the_next_is_told_at_once() -> None:
    [*_, told] = escalated(SUBMITTED)
    assert isinstance(told, ApplicationEscalated)
    assert (told.told, told.escalates_at) == ((), told.escalated_at)


def test_all_levels_are_told_one_after_the_other_and_it_ends_at_the_city() -> None:
    events = SUBMITTED
    for nth in range(4):
        events = escalated(events, TOWN_HEAD.id, after=nth * 30 * MINUTE)
    told = [event for event in events if isinstance(event, ApplicationEscalated)]
    assert [one.level for one in told] == ["township", "county", "city"]
    assert [one.escalates_at is None for one in told] == [False, False, True]
    assert {one.overdue_since for one in told} == {PROMISED}


def test_a_clock_looked_at_twice_notes_once_and_tells_once() -> None:
    noted = then(SUBMITTED, NoteOverdue(PROMISED))
    assert when(noted, NoteOverdue(PROMISED)) == []
    told = then(noted, EscalateApplication((), PROMISED))
    assert when(told, EscalateApplication((), PROMISED)) == []


@pytest.mark.parametrize("command", [NoteOverdue(PROMISED), EscalateApplication((), PROMISED)])
def test_what_was_decided_just_before_is_not_escalated(command: Command) -> None:
    assert when(APPROVED, command) == []


def test_what_is_decided_between_the_clock_and_the_telling_is_not_escalated() -> None:
    decided = then(SUBMITTED, NoteOverdue(PROMISED), APPROVE)
    assert when(decided, EscalateApplication((TOWN_HEAD.id,), PROMISED)) == []


def test_the_clock_stands_still_while_it_is_with_the_citizen() -> None:
    sent_back = then(SUBMITTED, SendBackApplication(REVIEWER, RESIDENCE, {"phone": "请核对"}, NOW))
    assert when(sent_back, NoteOverdue(PROMISED + 60 * MINUTE)) == []


def test_a_leader_who_was_told_may_decide_and_before_that_may_not() -> None:
    decision = ApproveApplication(TOWN_HEAD, PROMISED)
    assert refusal(SUBMITTED, decision) == (NotAllowed, "not_your_step")
    assert when(escalated(SUBMITTED, TOWN_HEAD.id), decision)
    assert when(escalated(SUBMITTED, TOWN_HEAD.id), ApproveApplication(REVIEWER, PROMISED))


def test_a_professions_application_is_not_a_village_leaders() -> None:
    city_head = Reviewer(TOWN_HEAD.id, CITY, frozenset({Role.leader}))
    given = escalated(submitted(POLICE), city_head.id)
    assert isinstance(given[-1], ApplicationEscalated)
    assert refusal(given, ApproveApplication(city_head, PROMISED)) == (NotFound, "no_such_application")


def test_the_next_step_of_an_overdue_one_has_time_before_the_level_above_it_is_told() -> None:
    [*_, passed] = then(escalated(CHECKED, TOWN_HEAD.id), ApproveApplication(REVIEWER, PROMISED))
    assert isinstance(passed, ApplicationStepPassed)
    assert passed.escalates_at == PROMISED + 30 * MINUTE
    state = state_after(APPLICATION, then(escalated(CHECKED, TOWN_HEAD.id), ApproveApplication(REVIEWER, PROMISED)))
    assert isinstance(state, InReview)
    assert state.escalated_to is None


def test_within_its_promise_the_clock_of_the_next_step_runs_on() -> None:
    passed = then(CHECKED, APPROVE)
    assert isinstance(passed[-1], ApplicationStepPassed)
    assert passed[-1].escalates_at == PROMISED
    [*_, told] = escalated(passed)
    assert isinstance(told, ApplicationEscalated)
    assert told.level == "county"


def test_nobody_commands_what_was_never_submitted() -> None:
    with pytest.raises(Refused):
        when([], NoteOverdue(NOW))
