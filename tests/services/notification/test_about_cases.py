"""What parents and the bureau's people are told of a one-thing case, in both languages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notification.domain.notice import DeliverNotice
from services.notification.reactions import tell
from services.notification.texts import TEXTS
from shared.contracts.case_items import Words
from shared.contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseCorrectionNeeded,
    CaseEscalated,
    CaseItemFinished,
    CaseOpened,
    CasePersonLost,
    CaseStarted,
    CaseStopped,
    CaseSupplementAsked,
    ConsentNeeded,
    Effort,
)
from shared.contracts.event import Event
from shared.standards.legal_clock import LegalClock
from tests.services.notification.examples import COUNTY_LEADER, LI, MORNING, REVIEWER, TOWNSHIP_LEADER, WANG, came

CASE = UUID("0192b000-0000-7000-8000-0000000000c1")
DEADLINE = datetime(2024, 1, 2, 16, 0, tzinfo=UTC)
CLOCK = LegalClock.start(MORNING, 6)
WHY = Words(zh="医院没有这次分娩的记录。", en="The hospital has no record of this delivery.")


def opened(*consents: UUID, **more: Any) -> CaseOpened:
    return CaseOpened(
        case=CASE,
        definition="birth",
        definition_version=1,
        applicant=WANG,
        division="130123100242",
        form={},
        plan=(),
        promise_days=6,
        consents=tuple(ConsentNeeded(role="father", person=one) for one in consents),
        effort=Effort(forms=1, visits=1, materials=1),
        effort_separately=Effort(forms=6, visits=11, materials=19),
        opened_at=MORNING,
        **{"channel": "app", "taken_in_by": None, **more},
    )


AT_A_COUNTER: dict[str, Any] = {"channel": "hospital", "taken_in_by": REVIEWER, "taken_in_at": "130123100000"}


def started(expected_by: datetime | None = DEADLINE) -> CaseStarted:
    return CaseStarted(
        case=CASE, applicant=WANG, definition="birth", clock=CLOCK, expected_by=expected_by, started_at=MORNING
    )


def finished(**more: Any) -> CaseItemFinished:
    facts = {"outcome": "refused", "reason": WHY, **more}
    return CaseItemFinished(
        case=CASE,
        applicant=WANG,
        item="birth_medical",
        name=Words(zh="出生医学证明", en="Birth medical certificate"),
        finished_at=MORNING,
        **facts,
    )


def closed(outcome: str, *not_done: str) -> CaseClosed:
    return CaseClosed.model_validate(
        {
            "case": CASE,
            "applicant": WANG,
            "definition": "birth",
            "outcome": outcome,
            "done": () if outcome == "stopped" else ("vaccination", "household_entry"),
            "not_done": not_done,
            "closed_at": MORNING,
        }
    )


BROKEN: dict[str, Any] = {"applicant": WANG, "definition": "birth", "expected_by": DEADLINE}


def escalated(item: str | None, **more: Any) -> CaseEscalated:
    facts = {"level": "township", "told": (TOWNSHIP_LEADER, COUNTY_LEADER), **more}
    return CaseEscalated(
        case=CASE,
        item=item,
        division="130123100000",
        overdue_since=MORNING,
        escalated_at=MORNING + timedelta(minutes=1),
        **facts,
    )


def stopped(reason: str) -> CaseStopped:
    return CaseStopped.model_validate(
        {"case": CASE, "applicant": WANG, "reason": reason, "by": LI, "stopped_at": MORNING}
    )


ASKED = CaseSupplementAsked(
    case=CASE, applicant=WANG, what="出院小结编号", clock=CLOCK.stop(MORNING), asked_by=REVIEWER, asked_at=MORNING
)


def notices(event: Event) -> list[DeliverNotice]:
    commands = [one.command for one in tell(came(event, f"case-{CASE}"))]
    assert all(isinstance(one, DeliverNotice) for one in commands)
    return [one for one in commands if isinstance(one, DeliverNotice)]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (opened(LI), [(WANG, "case_awaits_consent"), (LI, "case_consent_wanted")]),
        (
            opened(LI, **AT_A_COUNTER),
            [(WANG, "case_handed_in_for_you"), (WANG, "case_awaits_consent"), (LI, "case_consent_wanted")],
        ),
        (opened(**AT_A_COUNTER), [(WANG, "case_handed_in_for_you")]),
        (opened(), []),  # it has begun at once, and that is told
        (started(), [(WANG, "case_started")]),
        (started(None), [(WANG, "case_started_undated")]),
        (finished(), [(WANG, "case_item_refused")]),
        (finished(may_retry=True), [(WANG, "case_item_to_retry")]),
        (finished(outcome="done", reason=None), []),  # told when the case is closed
        (finished(outcome="skipped"), []),
        (ASKED, [(WANG, "case_supplement_asked")]),
        (escalated(None), [(TOWNSHIP_LEADER, "overdue_case"), (COUNTY_LEADER, "overdue_case")]),
        (escalated("enrolment"), [(TOWNSHIP_LEADER, "overdue_case_item"), (COUNTY_LEADER, "overdue_case_item")]),
        (
            escalated("enrolment", **BROKEN),
            [
                (TOWNSHIP_LEADER, "overdue_case_item"),
                (COUNTY_LEADER, "overdue_case_item"),
                (WANG, "case_item_late"),
            ],
        ),
        (
            escalated(None, **BROKEN, told=(COUNTY_LEADER,)),
            [(COUNTY_LEADER, "overdue_case"), (WANG, "case_late")],
        ),
        (
            escalated(None, **{**BROKEN, "expected_by": None}, told=(COUNTY_LEADER,)),
            [(COUNTY_LEADER, "overdue_case"), (WANG, "case_late_undated")],
        ),
        (escalated("enrolment", **BROKEN, told=()), []),  # the next level is told at once, and he of that
        (escalated("enrolment", **BROKEN, told=(), level="city"), [(WANG, "case_item_late")]),
        (
            escalated("enrolment", **{**BROKEN, "expected_by": None}, told=(), level="city"),
            [(WANG, "case_item_late_undated")],
        ),
        (stopped("consent_withdrawn"), [(WANG, "case_consent_withdrawn_apply_again")]),
        (stopped("withdrawn").model_copy(update={"words": WHY}), [(WANG, "case_stopped_with_words")]),
        (
            closed("stopped", "vaccination").model_copy(update={"may_apply_again": True}),
            [(WANG, "case_stopped_apply_again")],
        ),
        (closed("stopped", "vaccination").model_copy(update={"is_told": True}), []),
        (closed("partly", "vaccination").model_copy(update={"tell": (LI,)}), [(LI, "case_partly_done")]),
        (
            CaseConsentGiven(
                case=CASE,
                role="father",
                person=LI,
                given_at=MORNING,
                recorded_by=REVIEWER,
                recorded_at_counter="130123100000",
            ),
            [(LI, "case_consent_recorded")],
        ),
        (CaseConsentGiven(case=CASE, role="father", person=LI, given_at=MORNING), []),
        (
            CaseCorrectionNeeded(
                case=CASE,
                applicant=WANG,
                item="birth_medical",
                fields={"child_name": WHY, "hospital": WHY},
                clock=CLOCK,
                needed_at=MORNING,
            ),
            [(WANG, "case_correction_needed")],
        ),
        (
            CasePersonLost(
                case=CASE,
                applicant=WANG,
                role="child",
                person=CASE,
                why="died",
                then="skip_rest",
                words=WHY,
                tell=(WANG, LI),
                lost_at=MORNING,
            ),
            [(WANG, "case_person_lost"), (LI, "case_person_lost")],
        ),
        (stopped("withdrawn"), []),  # told when it is closed
        (closed("completed"), [(WANG, "case_completed")]),
        (closed("partly", "enrolment"), [(WANG, "case_partly_done")]),
        (closed("stopped", "enrolment"), [(WANG, "case_stopped")]),
    ],
)
def test_whom_it_concerns_is_told(event: Event, told: list[tuple[UUID, str]]) -> None:
    made = notices(event)
    assert [(one.recipient, one.template) for one in made] == told
    assert len({one.notice for one in made}) == len(made)
    for one in made:
        assert TEXTS.templates[one.template].facts.keys() == one.facts.keys()
        for language in ("zh-CN", "en"):
            assert "{" not in "".join(TEXTS.render(one.template, one.facts, language))


def in_words(event: Event, language: Any = "zh-CN") -> str:
    [notice, *_] = notices(event)
    return "\n".join(TEXTS.render(notice.template, notice.facts, language))


def test_the_applicant_learns_at_which_counter_it_was_handed_in() -> None:
    assert "河北省石家庄市正定县正定镇医院窗口核对您的身份证后" in in_words(opened(**AT_A_COUNTER))
    window = opened(**{**AT_A_COUNTER, "channel": "window"})
    assert "正定镇综合窗口" in in_words(window)


def test_it_is_said_by_when_the_whole_is_promised() -> None:
    assert "预计于2024年1月2日24:00前" in in_words(started())


def test_a_broken_promise_is_owned_up_to_with_who_sees_to_it_and_by_when() -> None:
    late = escalated(None, **BROKEN, told=(), level="city")
    assert "我们没有做到，向您致歉。" in in_words(late)
    assert "现由市综合窗口及其负责人督办。预计于2024年1月2日24:00前办结" in in_words(late)
    english = in_words(late, "en")
    assert "We did not keep this promise" in english
    assert "It is now expected by 2024-01-02 24:00 Beijing time" in english


def test_what_was_not_done_is_said_as_plainly_as_what_was() -> None:
    words = in_words(closed("partly", "enrolment", "insurance_voucher"))
    assert "已办成：预防接种证、户口登记。" in words
    assert "未办成：医保参保登记、医保电子凭证。" in words
    assert "What stays: none." in in_words(closed("stopped", "vaccination"), "en")


def test_a_refusal_gives_its_reason_in_the_readers_language() -> None:
    assert WHY.zh in in_words(finished())
    assert WHY.en in in_words(finished(), "en")
    assert "Birth medical certificate" in in_words(finished(), "en")
