"""An event in, commands out. Pure."""

import pytest

from services.notification.domain.notice import NOTICE, DeliverNotice
from services.notification.reactions import TELL, tell
from services.notification.texts import TEXTS
from shared.contracts.event import Event
from shared.eventstore.aggregate import Instruction
from tests.services.notification.examples import (
    ACCOUNT_STREAM,
    APPLICATION_STREAM,
    APPROVED,
    CAUSE,
    CERTIFICATE_STREAM,
    IDENTIFIER,
    ISSUED,
    REFUSED,
    REGISTERED,
    SENT_BACK,
    SUBMITTED,
    VILLAGE_COMMITTEE,
    WANG,
    came,
)

TOLD = [
    (
        REGISTERED,
        ACCOUNT_STREAM,
        DeliverNotice(CAUSE, WANG, "welcome", {"name": "王小明"}, ACCOUNT_STREAM, REGISTERED.registered_at),
    ),
    (
        SUBMITTED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_received",
            {"certificate": "residence", "expected_by": "2023-12-23T01:30:00+00:00"},
            APPLICATION_STREAM,
            SUBMITTED.submitted_at,
        ),
    ),
    (
        SENT_BACK,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_sent_back",
            {
                "certificate": "residence",
                "wrong_fields": {"residence_since": "应为2021年", "landlord": "请填写全名"},
            },
            APPLICATION_STREAM,
            SENT_BACK.sent_back_at,
        ),
    ),
    (
        REFUSED,
        APPLICATION_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "application_refused",
            {"certificate": "residence", "reason": "经核实不在本村居住"},
            APPLICATION_STREAM,
            REFUSED.refused_at,
        ),
    ),
    (
        ISSUED,
        CERTIFICATE_STREAM,
        DeliverNotice(
            CAUSE,
            WANG,
            "certificate_issued",
            {"certificate": "residence", "identifier": IDENTIFIER, "issuing_body": VILLAGE_COMMITTEE},
            CERTIFICATE_STREAM,
            ISSUED.issued_at,
        ),
    ),
]


@pytest.mark.parametrize(("event", "stream", "command"), TOLD)
def test_a_citizen_is_told(event: Event, stream: str, command: DeliverNotice) -> None:
    assert list(tell(came(event, stream))) == [Instruction(NOTICE, str(CAUSE), command)]


def test_an_approval_is_not_told() -> None:
    assert list(tell(came(APPROVED, APPLICATION_STREAM))) == []
    assert type(APPROVED) not in TELL.events


def test_every_event_waited_for_is_told() -> None:
    assert set(TELL.events) == {type(event) for event, _, _ in TOLD}


@pytest.mark.parametrize(("event", "stream", "command"), TOLD)
def test_its_template_can_be_said_with_these_facts(event: Event, stream: str, command: DeliverNotice) -> None:
    assert TEXTS.templates[command.template].facts.keys() == command.facts.keys()
    assert "{" not in "".join(TEXTS.render(command.template, command.facts, "zh-CN"))
