"""Given what happened, when someone commands, then this happens or is refused."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

import pytest

from services.certificates.domain.application import (
    APPLICATION,
    Command,
    ResubmitApplication,
    WithdrawApplication,
    ids_for,
)
from services.certificates.domain.application_state import InReview
from services.certificates.domain.reasons import REASON_LENGTH
from services.certificates.domain.review import ApproveApplication, RefuseApplication, SendBackApplication
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.event import Event
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
    VILLAGE,
    ZHANG,
    filled,
    history,
    state_after,
)

MARKED = {"residence_since": "与村里登记的2021年10月不一致"}
SEND_BACK = SendBackApplication(REVIEWER, RESIDENCE, MARKED, NOW + MINUTE)
REFUSE = RefuseApplication(REVIEWER, "不在本村居住", NOW + MINUTE)
RESUBMIT = ResubmitApplication(ZHANG, filled(residence_since="2021-10-01"), NOW + 10 * MINUTE)
WITHDRAW = WithdrawApplication(ZHANG, NOW + MINUTE)

SENT_BACK = history(APPLICATION, SUBMIT, SEND_BACK)
REFUSED = history(APPLICATION, SUBMIT, REFUSE)
WITHDRAWN = history(APPLICATION, SUBMIT, WITHDRAW)
RESUBMITTED = history(APPLICATION, SUBMIT, SEND_BACK, RESUBMIT)


def when(given: Sequence[Event], command: Command) -> Sequence[Event]:
    return APPLICATION.decide(state_after(APPLICATION, given), command)


def refusal(given: Sequence[Event], command: Command) -> tuple[type[Refused], str]:
    with pytest.raises(Refused) as caught:
        when(given, command)
    return type(caught.value), caught.value.code


def test_an_application_is_promised_half_an_hour() -> None:
    assert when([], SUBMIT) == [
        ApplicationSubmitted(
            application=APPLICATION_ID,
            citizen=ZHANG,
            certificate_type="residence",
            catalogue_version=1,
            division=VILLAGE,
            form=dict(FORM.values),
            expected_by=NOW + timedelta(minutes=30),
            submitted_at=NOW,
        )
    ]


def test_what_is_under_review_can_be_approved() -> None:
    assert when(SUBMITTED, APPROVE) == [
        ApplicationApproved(
            application=APPLICATION_ID,
            citizen=ZHANG,
            certificate_type="residence",
            reviewer=REVIEWER.id,
            approved_at=NOW + MINUTE,
        )
    ]


def test_what_is_under_review_can_be_refused_with_a_reason() -> None:
    assert when(SUBMITTED, REFUSE) == [
        ApplicationRefused(
            application=APPLICATION_ID,
            citizen=ZHANG,
            certificate_type="residence",
            reason="不在本村居住",
            reviewer=REVIEWER.id,
            refused_at=NOW + MINUTE,
        )
    ]


def test_what_is_under_review_can_be_sent_back_with_the_wrong_fields_marked() -> None:
    assert when(SUBMITTED, SEND_BACK) == [
        ApplicationSentBack(
            application=APPLICATION_ID,
            citizen=ZHANG,
            certificate_type="residence",
            wrong_fields=MARKED,
            reviewer=REVIEWER.id,
            sent_back_at=NOW + MINUTE,
        )
    ]


def test_what_was_sent_back_can_be_put_right_and_is_promised_anew() -> None:
    assert when(SENT_BACK, RESUBMIT) == [
        ApplicationResubmitted(
            application=APPLICATION_ID,
            citizen=ZHANG,
            form=dict(RESUBMIT.form.values),
            expected_by=NOW + 40 * MINUTE,
            resubmitted_at=NOW + 10 * MINUTE,
            certificate_type="residence",
        )
    ]
    state = state_after(APPLICATION, RESUBMITTED)
    assert isinstance(state, InReview)
    assert state.of.form["residence_since"] == "2021-10-01"
    assert state.of.submitted_at == NOW


@pytest.mark.parametrize("given", [SUBMITTED, SENT_BACK, RESUBMITTED])
def test_an_open_application_can_be_withdrawn(given: Sequence[Event]) -> None:
    assert when(given, WITHDRAW) == [
        ApplicationWithdrawn(
            application=APPLICATION_ID, citizen=ZHANG, certificate_type="residence", withdrawn_at=NOW + MINUTE
        )
    ]


def test_what_was_put_right_can_be_decided() -> None:
    assert [type(event) for event in when(RESUBMITTED, APPROVE)] == [ApplicationApproved]


def test_a_reviewer_of_the_township_above_may_decide() -> None:
    assert when(SUBMITTED, ApproveApplication(COLLEAGUE, NOW))


@pytest.mark.parametrize("given", [SUBMITTED, SENT_BACK, RESUBMITTED])
def test_a_second_one_for_the_same_is_refused_while_the_first_is_open(given: Sequence[Event]) -> None:
    assert refusal(given, SUBMIT) == (Refused, "already_open")


@pytest.mark.parametrize("given", [APPROVED, REFUSED, WITHDRAWN])
@pytest.mark.parametrize("command", [SUBMIT, REFUSE, SEND_BACK, RESUBMIT, ApproveApplication(COLLEAGUE, NOW)])
def test_what_is_closed_stays_as_it_is(given: Sequence[Event], command: Command) -> None:
    assert refusal(given, command) == (Refused, "already_decided")


@pytest.mark.parametrize("given", [APPROVED, REFUSED])
def test_what_is_decided_cannot_be_withdrawn(given: Sequence[Event]) -> None:
    assert refusal(given, WITHDRAW) == (Refused, "already_decided")


def test_saying_the_same_again_changes_nothing() -> None:
    assert when(APPROVED, APPROVE) == []
    assert when(WITHDRAWN, WITHDRAW) == []


@pytest.mark.parametrize("command", [APPROVE, REFUSE, SEND_BACK])
def test_what_is_with_the_citizen_is_not_decided(command: Command) -> None:
    assert refusal(SENT_BACK, command) == (Refused, "with_the_citizen")


def test_what_was_not_sent_back_is_not_put_right() -> None:
    assert refusal(SUBMITTED, RESUBMIT) == (Refused, "not_sent_back")


@pytest.mark.parametrize("command", [RESUBMIT, WITHDRAW, APPROVE, REFUSE, SEND_BACK])
def test_what_was_never_submitted_is_not_found(command: Command) -> None:
    assert refusal([], command) == (NotFound, "no_such_application")


@pytest.mark.parametrize("command", [WithdrawApplication(LI, NOW), ResubmitApplication(LI, FORM, NOW)])
def test_another_citizens_application_is_not_found(command: Command) -> None:
    assert refusal(SENT_BACK, command) == (NotFound, "no_such_application")


@pytest.mark.parametrize("given", [SUBMITTED, APPROVED])
@pytest.mark.parametrize(
    "command",
    [
        ApproveApplication(STRANGER, NOW),
        RefuseApplication(STRANGER, "不在本村居住", NOW),
        SendBackApplication(STRANGER, RESIDENCE, MARKED, NOW),
    ],
)
def test_a_reviewer_of_another_village_may_not_decide(given: Sequence[Event], command: Command) -> None:
    assert refusal(given, command) == (NotFound, "no_such_application")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "nothing_said"),
        (" \n", "nothing_said"),
        ("长" * (REASON_LENGTH + 1), "too_long"),
        ("否\0", "unwanted_character"),
    ],
)
def test_a_refusal_needs_a_reason_people_can_read(reason: str, code: str) -> None:
    assert refusal(SUBMITTED, RefuseApplication(REVIEWER, reason, NOW)) == (Invalid, code)


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ({}, "nothing_marked"),
        ({"income": "请填写"}, "unknown_fields"),
        ({"residence_since": " "}, "nothing_said"),
        ({"purpose": "请改为求职"}, "fixed_fields"),
        ({"village": "请改为西柏棠村"}, "fixed_fields"),
    ],
)
def test_what_is_marked_must_be_a_field_the_citizen_can_put_right(marked: dict[str, str], code: str) -> None:
    assert refusal(SUBMITTED, SendBackApplication(REVIEWER, RESIDENCE, marked, NOW)) == (Invalid, code)


def test_in_a_case_any_field_of_the_form_can_be_marked() -> None:
    marked = {"purpose": "请改为求职"}
    [event] = when(SUBMITTED, SendBackApplication(REVIEWER, RESIDENCE, marked, NOW, in_case=True))
    assert isinstance(event, ApplicationSentBack)
    assert event.wrong_fields == marked


def test_an_unknown_event_leaves_the_state_as_it_is() -> None:
    class SomethingNew(Event):
        pass

    state = state_after(APPLICATION, SUBMITTED)
    assert APPLICATION.evolve(state, SomethingNew()) == state


def test_the_same_thing_asked_for_twice_meets_in_one_stream() -> None:
    assert next(ids_for(ZHANG, filled())) == next(ids_for(ZHANG, filled(residence_since="2022-01-01")))


def test_another_citizen_another_purpose_and_another_time_are_other_applications() -> None:
    mine, again = islice(ids_for(ZHANG, FORM), 2)
    assert len({mine, again, next(ids_for(LI, FORM)), next(ids_for(ZHANG, filled(purpose="employment")))}) == 4


def test_a_reviewers_area_is_read_by_its_level() -> None:
    """A code that merely begins alike is another village."""
    neighbour = Reviewer(REVIEWER.id, "130123100241")
    assert refusal(SUBMITTED, ApproveApplication(neighbour, NOW)) == (NotFound, "no_such_application")
