"""Chains of review: who decides which step, claims, and who signs last. Given, when, then."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.certificates.domain.application import APPLICATION, Command, ResubmitApplication, SubmitApplication
from services.certificates.domain.application_state import Approved, InReview
from services.certificates.domain.conversation import MOST_MESSAGES, SendMessage
from services.certificates.domain.review import (
    CLAIM_LASTS,
    ApproveApplication,
    ClaimApplication,
    LapseClaim,
    RefuseApplication,
    ReleaseApplication,
    SendBackApplication,
)
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationClaimed,
    ApplicationMessageSent,
    ApplicationReleased,
    ApplicationStepPassed,
    ReviewStep,
)
from shared.contracts.errors import Invalid, NotAllowed, NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role
from tests.services.certificates.examples import (
    APPLICATION_ID,
    APPROVE,
    APPROVED,
    COLLEAGUE,
    FORM,
    LI,
    MINUTE,
    NOW,
    RESIDENCE,
    REVIEWER,
    STRANGER,
    SUBMIT,
    SUBMITTED,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    history,
    state_after,
)

COUNTY = "130123000000"
AT_THE_VILLAGE = ReviewStep(division=VILLAGE, role="reviewer")
AT_THE_TOWNSHIP = ReviewStep(division=TOWNSHIP, role="reviewer")
LEADERS = ReviewStep(division=VILLAGE, role="leader")
POLICE = ReviewStep(division=COUNTY, role="police_reviewer")

VILLAGE_HEAD = Reviewer(UUID("0192c000-0000-7000-8000-000000000004"), VILLAGE, frozenset({Role.leader}))
OFFICER = Reviewer(UUID("0192c000-0000-7000-8000-000000000005"), COUNTY, frozenset({Role.police_reviewer}))
NEIGHBOUR = Reviewer(UUID("0192c000-0000-7000-8000-000000000006"), VILLAGE)
COUNTY_REVIEWER = Reviewer(UUID("0192c000-0000-7000-8000-000000000007"), COUNTY)
MARKED = {"residence_since": "与村里登记不一致"}
CLAIM = ClaimApplication(REVIEWER, NOW)
MESSAGE_ID = UUID("0192d000-0000-7000-8000-000000000001")


def submitted(*chain: ReviewStep) -> list[Event]:
    return history(APPLICATION, SubmitApplication(APPLICATION_ID, ZHANG, FORM, NOW, chain))


CHECKED = submitted(AT_THE_VILLAGE, AT_THE_TOWNSHIP)
SIGNED = submitted(AT_THE_VILLAGE, AT_THE_TOWNSHIP, LEADERS)
CLAIMED = history(APPLICATION, SUBMIT, CLAIM)


def when(given: Sequence[Event], command: Command) -> Sequence[Event]:
    return APPLICATION.decide(state_after(APPLICATION, given), command)


def then(given: Sequence[Event], *commands: Command) -> list[Event]:
    """All that has happened once these commands have been carried out as well."""
    events = list(given)
    for command in commands:
        events += when(events, command)
    return events


def refusal(given: Sequence[Event], command: Command) -> tuple[type[Refused], str]:
    with pytest.raises(Refused) as caught:
        when(given, command)
    return type(caught.value), caught.value.code


# steps


def test_approving_a_step_that_is_not_the_last_passes_it_on() -> None:
    assert when(CHECKED, APPROVE) == [
        ApplicationStepPassed(
            application=APPLICATION_ID,
            citizen=ZHANG,
            certificate_type="residence",
            step=0,
            reviewer=REVIEWER.id,
            next_step=AT_THE_TOWNSHIP,
            passed_at=NOW + MINUTE,
            escalates_at=NOW + 30 * MINUTE,
        )
    ]


def test_the_last_step_approves() -> None:
    [*_, passed, approved] = then(CHECKED, APPROVE, ApproveApplication(COLLEAGUE, NOW))
    assert isinstance(passed, ApplicationStepPassed)
    assert isinstance(approved, ApplicationApproved)
    assert (approved.reviewer, approved.leader) == (COLLEAGUE.id, None)


def test_the_township_cannot_check_before_the_village_has() -> None:
    """It may decide the village's step, being above it; then another must check."""
    passed = then(CHECKED, ApproveApplication(COLLEAGUE, NOW))
    assert isinstance(passed[-1], ApplicationStepPassed)
    assert refusal(passed, ApproveApplication(COLLEAGUE, NOW)) == (NotAllowed, "another_must_check")
    assert isinstance(then(passed, ApproveApplication(COUNTY_REVIEWER, NOW))[-1], ApplicationApproved)


def test_the_village_decides_nothing_at_the_townships_step() -> None:
    passed = then(CHECKED, APPROVE)
    neighbour = ApproveApplication(NEIGHBOUR, NOW)
    assert refusal(passed, neighbour) == (NotAllowed, "not_your_step")
    assert refusal(passed, APPROVE) == (NotAllowed, "not_your_step")


def test_a_village_reviewer_never_decides_a_step_of_the_police() -> None:
    of_police = submitted(POLICE)
    for decision in (
        APPROVE,
        ApproveApplication(COUNTY_REVIEWER, NOW),
        RefuseApplication(REVIEWER, "不符", NOW),
        ClaimApplication(COUNTY_REVIEWER, NOW),
    ):
        assert refusal(of_police, decision) == (NotFound, "no_such_application")
    assert when(of_police, ApproveApplication(OFFICER, NOW))


def test_a_leader_signs_last_and_the_reviewer_stays_who_checked() -> None:
    [*_, approved] = then(SIGNED, APPROVE, ApproveApplication(COLLEAGUE, NOW), ApproveApplication(VILLAGE_HEAD, NOW))
    assert isinstance(approved, ApplicationApproved)
    assert (approved.reviewer, approved.leader) == (COLLEAGUE.id, VILLAGE_HEAD.id)


def test_a_leader_signs_nothing_that_was_not_checked() -> None:
    assert refusal(SIGNED, ApproveApplication(VILLAGE_HEAD, NOW)) == (NotAllowed, "not_your_step")


def test_a_leader_who_says_it_again_changes_nothing() -> None:
    signed = then(SIGNED, APPROVE, ApproveApplication(COLLEAGUE, NOW), ApproveApplication(VILLAGE_HEAD, NOW))
    assert when(signed, ApproveApplication(VILLAGE_HEAD, NOW)) == []
    assert refusal(signed, ApproveApplication(COLLEAGUE, NOW)) == (Refused, "already_decided")


@pytest.mark.parametrize("passing", [[], [APPROVE], [APPROVE, ApproveApplication(COLLEAGUE, NOW)]])
def test_each_step_may_send_back_and_refuse(passing: list[Command]) -> None:
    given = then(SIGNED, *passing)
    decider = (REVIEWER, COLLEAGUE, VILLAGE_HEAD)[len(passing)]
    assert when(given, SendBackApplication(decider, RESIDENCE, MARKED, NOW))
    assert when(given, RefuseApplication(decider, "不在本村居住", NOW))


def test_what_was_put_right_is_looked_at_from_the_first_step_on() -> None:
    """Who passed it vouched for another form."""
    sent_back = then(CHECKED, APPROVE, SendBackApplication(COLLEAGUE, RESIDENCE, MARKED, NOW))
    again = then(sent_back, ResubmitApplication(ZHANG, FORM, NOW))
    state = state_after(APPLICATION, again)
    assert isinstance(state, InReview)
    assert (state.step, state.passed_by) == (AT_THE_VILLAGE, ())
    assert isinstance(when(again, APPROVE)[0], ApplicationStepPassed)


def test_without_a_chain_the_villages_reviewers_decide() -> None:
    assert isinstance(state_after(APPLICATION, then(SUBMITTED, APPROVE)), Approved)


# claims


def test_a_claim_is_told() -> None:
    assert when(SUBMITTED, CLAIM) == [
        ApplicationClaimed(application=APPLICATION_ID, reviewer=REVIEWER.id, claimed_at=NOW)
    ]


@pytest.mark.parametrize(
    "command",
    [
        ClaimApplication(NEIGHBOUR, NOW),
        ApproveApplication(NEIGHBOUR, NOW),
        RefuseApplication(COLLEAGUE, "不在本村居住", NOW),
        SendBackApplication(COLLEAGUE, RESIDENCE, MARKED, NOW),
    ],
)
def test_what_another_has_claimed_is_left_to_him(command: Command) -> None:
    assert refusal(CLAIMED, command) == (Refused, "claimed_by_another")


def test_the_claimer_claims_again_and_decides() -> None:
    assert when(CLAIMED, CLAIM) == []
    assert when(CLAIMED, APPROVE)


@pytest.mark.parametrize("who", [REVIEWER, VILLAGE_HEAD])
def test_the_claimer_or_a_leader_releases(who: Reviewer) -> None:
    assert when(CLAIMED, ReleaseApplication(who, NOW)) == [
        ApplicationReleased(application=APPLICATION_ID, released_by=who.id, released_at=NOW)
    ]


def test_another_reviewer_does_not_release() -> None:
    assert refusal(CLAIMED, ReleaseApplication(NEIGHBOUR, NOW)) == (NotAllowed, "not_your_claim")


def test_releasing_what_nobody_claimed_changes_nothing() -> None:
    assert when(SUBMITTED, ReleaseApplication(NEIGHBOUR, NOW)) == []


def test_a_claim_lapses_after_half_an_hour_and_no_earlier() -> None:
    assert when(CLAIMED, LapseClaim(NOW + CLAIM_LASTS - timedelta(microseconds=1))) == []
    assert when(CLAIMED, LapseClaim(NOW + CLAIM_LASTS)) == [
        ApplicationReleased(
            application=APPLICATION_ID, released_by=REVIEWER.id, released_at=NOW + CLAIM_LASTS, has_lapsed=True
        )
    ]


def test_the_timer_of_an_earlier_claim_does_not_end_a_later_one() -> None:
    again = then(CLAIMED, ReleaseApplication(REVIEWER, NOW), ClaimApplication(NEIGHBOUR, NOW + 10 * MINUTE))
    assert when(again, LapseClaim(NOW + CLAIM_LASTS)) == []


def test_a_step_that_is_passed_ends_its_claim() -> None:
    passed = then(CHECKED, CLAIM, APPROVE)
    assert when(passed, ClaimApplication(COLLEAGUE, NOW))


@pytest.mark.parametrize("given", [APPROVED, [*CLAIMED, *when(CLAIMED, APPROVE)]])
def test_what_is_closed_is_not_claimed_and_lapses_no_more(given: Sequence[Event]) -> None:
    assert refusal(given, ClaimApplication(COLLEAGUE, NOW)) == (Refused, "already_decided")
    assert when(given, LapseClaim(NOW + CLAIM_LASTS)) == []


# messages


def message(sender: UUID | Reviewer, text: str = "请补充房东电话") -> SendMessage:
    return SendMessage(MESSAGE_ID, sender, text, NOW)


def test_citizen_and_reviewers_write_to_each_other() -> None:
    [by_citizen, by_staff] = [when(CLAIMED, message(sender))[0] for sender in (ZHANG, REVIEWER)]
    assert isinstance(by_citizen, ApplicationMessageSent)
    assert isinstance(by_staff, ApplicationMessageSent)
    assert (by_citizen.sender, by_citizen.sent_by, by_citizen.addressed_to) == ("citizen", ZHANG, REVIEWER.id)
    assert (by_staff.sender, by_staff.sent_by, by_staff.addressed_to) == ("staff", REVIEWER.id, None)


def test_who_sent_it_back_is_written_to() -> None:
    sent_back = then(SUBMITTED, SendBackApplication(REVIEWER, RESIDENCE, MARKED, NOW))
    [sent] = when(sent_back, message(ZHANG))
    assert isinstance(sent, ApplicationMessageSent)
    assert sent.addressed_to == REVIEWER.id


@pytest.mark.parametrize("stranger", [LI, STRANGER, OFFICER])
def test_to_a_stranger_there_is_no_such_application(stranger: UUID | Reviewer) -> None:
    assert refusal(SUBMITTED, message(stranger)) == (NotFound, "no_such_application")


@pytest.mark.parametrize(
    ("text", "code"), [(" ", "nothing_said"), ("长" * 501, "too_long"), ("a\u200bb", "unwanted_character")]
)
def test_a_message_says_something_people_can_read(text: str, code: str) -> None:
    assert refusal(SUBMITTED, message(ZHANG, text)) == (Invalid, code)


def test_nothing_is_written_once_it_is_closed_or_without_end() -> None:
    assert refusal(APPROVED, message(ZHANG)) == (Refused, "already_decided")
    many = then(SUBMITTED, *[message(ZHANG)] * MOST_MESSAGES)
    assert refusal(many, message(REVIEWER)) == (Refused, "too_many_messages")
