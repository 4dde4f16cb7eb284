"""What a mother and her son are told of the mandate between them, and of each act under it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.notification.domain.notice import DeliverNotice
from services.notification.reactions import tell
from services.notification.texts import TEXTS
from shared.contracts.certificates import ApplicationResubmitted, ApplicationWithdrawn
from shared.contracts.event import Event
from shared.contracts.identity import MandateAccepted, MandateDeclined, MandateEnd, MandateEnded, MandateGiven
from shared.contracts.insurance import MaternityAllowanceConfirmed
from shared.standards.text import Language
from tests.services.notification.examples import ANSWERED, APPLICATION, LI, MORNING, SUBMITTED, WANG, came

MANDATE = UUID("0192b000-0000-7000-8000-0000000000d1")
STREAM = f"mandate-{MANDATE}"
MOTHER, SON = WANG, LI
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
UNTIL = date(2024, 6, 30)
MATTERS = ("insurance.read",)
UNDER = {"mandate": MANDATE, "agent": SON, "agent_name": "李四"}


def told(event: Event) -> list[tuple[UUID, str]]:
    """Recipients and templates; every notice can be put in words, in both languages, and has an id of its own."""
    notices = [one.command for one in tell(came(event, STREAM))]
    for notice in notices:
        assert isinstance(notice, DeliverNotice)
        for language in LANGUAGES:
            assert TEXTS.render(notice.template, notice.facts, language).body
    assert len({notice.notice for notice in notices}) == len(notices)
    return [(notice.recipient, notice.template) for notice in notices]


def given(agent: UUID | None = SON) -> MandateGiven:
    return MandateGiven(
        mandate=MANDATE,
        principal=MOTHER,
        principal_name="王小明",
        agent=agent,
        agent_name="李四",
        matters=MATTERS,
        until=UNTIL,
        given_at=MORNING,
    )


def test_a_mandate_is_told_to_both() -> None:
    assert told(given()) == [(MOTHER, "mandate_given"), (SON, "mandate_offered")]


def test_whom_nobody_knows_is_told_nothing() -> None:
    assert told(given(None)) == [(MOTHER, "mandate_given")]


def test_its_matters_and_last_day_are_named() -> None:
    [first, _] = [one.command for one in tell(came(given(), STREAM))]
    words = TEXTS.render(first.template, first.facts, "zh-CN")
    assert "查看参保和结算信息" in words.body
    assert "2024年6月30日" in words.body


def test_accepting_is_told_to_both() -> None:
    event = MandateAccepted(
        mandate=MANDATE,
        principal=MOTHER,
        principal_name="王小明",
        agent=SON,
        agent_name="李四",
        matters=MATTERS,
        until=UNTIL,
        accepted_at=MORNING,
    )
    assert told(event) == [(MOTHER, "mandate_accepted"), (SON, "mandate_taken_on")]


def test_declining_is_told_to_the_principal() -> None:
    event = MandateDeclined(mandate=MANDATE, principal=MOTHER, agent=SON, agent_name="李四", declined_at=MORNING)
    assert told(event) == [(MOTHER, "mandate_declined")]


BOTH = [(MOTHER, "mandate_ended"), (SON, "mandate_ended_for_agent")]


@pytest.mark.parametrize(
    ("reason", "agent", "expected"),
    [
        ("by_principal", SON, BOTH),
        ("by_agent", SON, BOTH),
        ("lapsed", SON, BOTH),
        ("lapsed", None, BOTH[:1]),
        ("principal_died", SON, BOTH[1:]),
        ("agent_died", SON, BOTH[:1]),
    ],
)
def test_the_end_is_told_to_who_lives_and_was_told_before(
    reason: MandateEnd, agent: UUID | None, expected: list[tuple[UUID, str]]
) -> None:
    event = MandateEnded(
        mandate=MANDATE,
        principal=MOTHER,
        principal_name="王小明",
        agent=agent,
        agent_name="李四",
        reason=reason,
        by=None,
        ended_at=MORNING,
    )
    assert told(event) == expected


ACTED = [(MOTHER, "agent_acted"), (SON, "acted_as_agent")]


def test_an_application_under_a_mandate_is_told_to_both() -> None:
    submitted = SUBMITTED.model_copy(update=UNDER)
    assert told(submitted) == [(MOTHER, "application_received"), *ACTED]


def test_putting_right_and_withdrawing_are_told_too() -> None:
    resubmitted = ApplicationResubmitted(
        application=APPLICATION, citizen=MOTHER, form={}, expected_by=None, resubmitted_at=MORNING
    )
    withdrawn = ApplicationWithdrawn(
        application=APPLICATION, citizen=MOTHER, certificate_type="residence", withdrawn_at=MORNING
    )
    for event in (resubmitted, withdrawn):
        assert told(event) == []
        assert told(event.model_copy(update=UNDER)) == ACTED


def test_a_message_under_a_mandate_is_told_too() -> None:
    assert told(ANSWERED.model_copy(update=UNDER))[-2:] == ACTED


def test_a_confirmed_allowance_is_told_to_both() -> None:
    event = MaternityAllowanceConfirmed(
        allowance=APPLICATION, person=MOTHER, amount=Decimal("100.00"), confirmed_at=MORNING
    )
    assert told(event) == []
    acted = told(event.model_copy(update=UNDER))
    assert acted == [(MOTHER, "agent_confirmed_allowance"), (SON, "allowance_confirmed_as_agent")]
