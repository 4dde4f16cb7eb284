"""A case: asked at once what nothing binds, one after the other what is bound, and told honestly how it ended."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cases.domain.answering import GiveUpItem, RetryItem
from services.cases.domain.case import CASE
from services.cases.domain.case_state import AwaitingConsent, Closed, Running
from services.cases.domain.consent import GiveConsent, OpenCase, WithdrawConsent
from services.cases.domain.supplement import AskSupplement, Supplement
from shared.contracts.case_items import ItemRequested, Words
from shared.contracts.cases import CaseClosed, CaseStarted, Handling, IdentityItemRequested
from shared.contracts.errors import NotFound, Refused
from tests.services.cases.examples import (
    BIRTH,
    CLERK,
    FATHER,
    LATER,
    MOTHER,
    NOW,
    OPEN,
    OPEN_WITH_CONSENT,
    STRANGER,
    after,
    done,
    given,
    item,
    opened,
    refused,
    told,
    undone,
    waiting,
)

MEDICAL_DONE = done("birth_medical", certificate="1.2.156.3005.2")
HOUSEHOLD_DONE = done("household_entry", child_id_number="130123202312220023")


def test_what_nothing_binds_is_asked_at_once() -> None:
    assert told(CASE.decide(CASE.initial, OPEN)) == [
        "CaseOpened",
        "CaseStarted",
        "ask birth_medical",
        "ask vaccination",
    ]


def test_what_is_bound_follows_with_what_was_made_before_it() -> None:
    asked = CASE.decide(given(OPEN), MEDICAL_DONE)
    assert told(asked) == ["birth_medical done", "ask household_entry"]
    request = asked[-1]
    assert isinstance(request, IdentityItemRequested)
    assert request.inputs == {"child_name": "寓小满", "certificate": "1.2.156.3005.2"}
    assert request.due_by == datetime(2023, 12, 26, 16, 0, tzinfo=UTC)  # two working days: Tuesday 24:00 in China


def test_the_whole_is_promised_in_working_days() -> None:
    started = CASE.decide(CASE.initial, OPEN)[1]
    assert isinstance(started, CaseStarted)
    assert started.expected_by == datetime(2024, 1, 2, 16, 0, tzinfo=UTC)  # 2 January 24:00 in China


def test_all_done_is_completed() -> None:
    state = given(OPEN, MEDICAL_DONE, done("vaccination"), HOUSEHOLD_DONE)
    ended = CASE.decide(state, done("enrolment"))
    assert told(ended) == ["enrolment done", "CaseClosed"]
    assert isinstance(ended[-1], CaseClosed)
    assert (ended[-1].outcome, ended[-1].not_done) == ("completed", ())


def test_a_refusal_stops_what_rests_on_it_and_nothing_else() -> None:
    state = given(OPEN, refused("birth_medical"))
    assert isinstance(state, Running)
    assert {code: one.status for code, one in state.items.items()} == {
        "birth_medical": "refused",
        "vaccination": "requested",
        "household_entry": "skipped",
        "enrolment": "skipped",
    }
    ended = CASE.decide(state, done("vaccination"))
    assert isinstance(ended[-1], CaseClosed)
    assert (ended[-1].outcome, ended[-1].done) == ("partly", ("vaccination",))


def test_a_refusal_may_undo_the_others_as_the_definition_says() -> None:
    plan = (item("a", "identity"), item("b", when_refused="undo_others"), item("c", "insurance"))
    state = given(OpenCase(opened(*plan)), done("a"))
    assert told(CASE.decide(state, refused("b"))) == ["b refused", "undo a", "undo c"]
    left = Words(zh="已发放，不能收回。", en="Paid out; it cannot be taken back.")
    state = given(OpenCase(opened(*plan)), done("a"), refused("b"), undone("a"))
    ended = CASE.decide(state, undone("c", left))
    assert told(ended) == ["c left", "CaseClosed"]


def test_a_refusal_that_allows_it_is_tried_again_or_given_up() -> None:
    state = given(OPEN, refused("birth_medical", may_retry=True))
    again = CASE.decide(state, RetryItem("birth_medical", LATER))
    assert told(again) == ["ask birth_medical"]
    assert isinstance(again[0], ItemRequested)
    assert again[0].attempt == 2
    assert CASE.decide(after(state, again), refused("birth_medical", attempt=1)) == []  # of the first attempt, late
    assert told(CASE.decide(state, GiveUpItem("birth_medical", LATER))) == [
        "birth_medical refused",
        "household_entry skipped",
        "enrolment skipped",
    ]
    with pytest.raises(Refused, match="still_in_work"):
        CASE.decide(state, RetryItem("vaccination", LATER))
    with pytest.raises(Refused, match="nothing_to_retry"):
        CASE.decide(state, RetryItem("household_entry", LATER))


def test_an_answer_that_comes_twice_or_unasked_changes_nothing() -> None:
    state = given(OPEN, MEDICAL_DONE)
    for answer in (
        MEDICAL_DONE,
        refused("birth_medical"),
        done("enrolment"),
        done("unheard_of"),
        undone("vaccination"),
    ):
        assert CASE.decide(state, answer) == []


def test_what_a_department_waits_for_is_told() -> None:
    state = given(OPEN, waiting("vaccination"))
    assert isinstance(state, Running)
    assert state.items["vaccination"].status == "held"
    assert told(CASE.decide(state, done("vaccination"))) == ["vaccination done"]


def test_nothing_begins_before_the_father_has_agreed() -> None:
    state = given(OPEN_WITH_CONSENT)
    assert isinstance(state, AwaitingConsent)
    assert CASE.decide(state, MEDICAL_DONE) == []
    events = CASE.decide(state, GiveConsent(FATHER, LATER))
    assert told(events) == ["CaseConsentGiven", "CaseStarted", "ask birth_medical", "ask vaccination"]
    assert CASE.decide(after(state, events), GiveConsent(FATHER, LATER)) == []


@pytest.mark.parametrize("command", [GiveConsent(STRANGER, LATER), WithdrawConsent(STRANGER, LATER)])
def test_a_stranger_is_told_of_no_case(command: GiveConsent | WithdrawConsent) -> None:
    with pytest.raises(NotFound, match="no_such_case"):
        CASE.decide(given(OPEN_WITH_CONSENT), command)


def test_consent_withdrawn_half_way_stops_what_is_not_done() -> None:
    state = given(OPEN_WITH_CONSENT, GiveConsent(FATHER, NOW), MEDICAL_DONE)
    events = CASE.decide(state, WithdrawConsent(FATHER, LATER))
    assert told(events) == ["CaseStopped", "stop vaccination", "stop household_entry", "enrolment skipped"]
    state = after(state, events)
    assert CASE.decide(state, done("vaccination")) == []  # crossed the withdrawal, which is answered too
    left = Words(zh="已接种。", en="Given already.")
    state = after(state, CASE.decide(state, undone("vaccination", left)))
    ended = CASE.decide(state, undone("household_entry"))
    assert told(ended) == ["household_entry undone", "CaseClosed"]
    assert isinstance(ended[-1], CaseClosed)
    assert (ended[-1].outcome, ended[-1].done) == ("stopped", ("birth_medical",))


def test_what_was_done_is_undone_when_the_definition_says_so() -> None:
    plan = (item("a", when_stopped="undo"), item("b", "insurance", "a"))
    state = given(OpenCase(opened(*plan)), done("a"))
    assert told(CASE.decide(state, WithdrawConsent(MOTHER, LATER))) == ["CaseStopped", "undo a", "stop b"]


def test_a_case_withdrawn_before_it_began_is_closed_at_once() -> None:
    events = CASE.decide(given(OPEN_WITH_CONSENT), WithdrawConsent(MOTHER, LATER))
    assert told(events) == ["CaseStopped", "CaseClosed"]
    closed = after(given(OPEN_WITH_CONSENT), events)
    assert isinstance(closed, Closed)
    with pytest.raises(Refused, match="already_closed"):
        CASE.decide(closed, GiveConsent(FATHER, LATER))


def test_one_birth_has_one_case() -> None:
    with pytest.raises(Refused, match="already_open") as refusal:
        CASE.decide(given(OPEN), OPEN)
    assert refusal.value.facts["case"] == str(BIRTH)


def test_who_means_the_other_of_twins_is_told_what_to_do() -> None:
    with pytest.raises(Refused) as running:
        CASE.decide(given(OPEN), OPEN)
    assert "双胞胎" in running.value.text.zh
    assert "twins" in running.value.text.en


def test_while_it_is_being_stopped_one_is_told_when_to_hand_in_again() -> None:
    stopping = given(OPEN, WithdrawConsent(MOTHER, LATER))
    with pytest.raises(Refused, match="already_open") as stopped:
        CASE.decide(stopping, OPEN)
    assert "即可重新提交" in stopped.value.text.zh


def test_the_applicant_need_not_agree_to_his_own_case() -> None:
    assert CASE.decide(given(OPEN_WITH_CONSENT), GiveConsent(MOTHER, LATER)) == []


def test_the_clock_stands_still_while_the_citizen_supplements() -> None:
    asked = given(OPEN, AskSupplement(CLERK, "请补充结婚证号", NOW + timedelta(days=4)))  # Tuesday
    assert isinstance(asked, Running)
    assert asked.clock.is_stopped
    with pytest.raises(Refused, match="supplement_asked_already"):
        CASE.decide(asked, AskSupplement(CLERK, "再补充", LATER))
    with pytest.raises(NotFound):
        CASE.decide(asked, Supplement(STRANGER, "J130123-2020-000123", LATER))
    state = after(asked, CASE.decide(asked, Supplement(MOTHER, "J130123-2020-000123", NOW + timedelta(days=6))))
    assert isinstance(state, Running)
    assert state.expected_by == datetime(2024, 1, 5, 16, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="nothing_asked"):
        CASE.decide(state, Supplement(MOTHER, "again", LATER))


def test_what_an_entry_rests_on_stays_with_it() -> None:
    plan = (item("a", when_stopped="undo"), item("b", "identity", "a"), item("c", "insurance", "b"))
    keeps = {"b": Handling(keeps_subject=True)}
    state = given(OpenCase(opened(*plan).model_copy(update={"handling": keeps})), done("a"))
    stopped = CASE.decide(state, WithdrawConsent(MOTHER, LATER))
    assert told(stopped)[:1] + sorted(told(stopped)[1:]) == ["CaseStopped", "c skipped", "stop b"]
    stopping = after(state, stopped)
    assert "undo a" in told(CASE.decide(stopping, undone("b")))
    entered = CASE.decide(stopping, undone("b", Words(zh="保留", en="stays")))
    assert told(entered) == ["b left", "CaseClosed"]
