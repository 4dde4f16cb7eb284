"""What applicants, and staff who have their cases, are told of an application."""

from collections.abc import Iterator
from datetime import datetime

from services.notification.told import Told, told, with_guardian
from shared.contracts.case_items import Words
from shared.contracts.certificates import (
    ApplicationEscalated,
    ApplicationMessageSent,
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
)
from shared.contracts.event import Event

EVENTS: tuple[type[Event], ...] = (
    ApplicationSubmitted,
    ApplicationSentBack,
    ApplicationRefused,
    ApplicationStepPassed,
    ApplicationMessageSent,
    ApplicationEscalated,
    ApplicationTerminated,
)


def about_application(event: Event) -> Iterator[Told]:
    """The applicant and his guardian beside him, or staff.

    An approval is not told: the certificate follows it at once. Nor who has taken the case on.
    """
    for one in _concerned(event):
        is_applicant = one.recipient == getattr(event, "citizen", None)
        yield from with_guardian(one, getattr(event, "guardian", None) if is_applicant else None)


def _concerned(event: Event) -> Iterator[Told]:
    match event:
        case ApplicationSubmitted(expected_by=None):
            of = event.certificate_type
            yield told(event.citizen, "application_received_undated", event.submitted_at, certificate=of)
        case ApplicationSubmitted(expected_by=datetime() as due):
            yield told(
                event.citizen,
                "application_received",
                event.submitted_at,
                certificate=event.certificate_type,
                expected_by=due.isoformat(),
            )
        case ApplicationSentBack():
            yield told(
                event.citizen,
                "application_sent_back",
                event.sent_back_at,
                certificate=event.certificate_type,
                wrong_fields=event.wrong_fields,
            )
        case ApplicationRefused(remedy=Words() as remedy):
            yield told(
                event.citizen,
                "application_refused_with_notice",
                event.refused_at,
                certificate=event.certificate_type,
                reason=event.reason,
                remedy=remedy.model_dump(),
            )
        case ApplicationRefused():
            yield told(
                event.citizen,
                "application_refused",
                event.refused_at,
                certificate=event.certificate_type,
                reason=event.reason,
            )
        case ApplicationStepPassed():
            yield told(event.citizen, "application_step_passed", event.passed_at, certificate=event.certificate_type)
        case ApplicationMessageSent():
            yield from _message(event)
        case ApplicationEscalated():
            yield from _escalated(event)
        case ApplicationTerminated():
            yield from _terminated(event)


def _message(event: ApplicationMessageSent) -> Iterator[Told]:
    """To the other side. A message to a case that nobody has taken on waits with the case."""
    if event.sender == "staff":
        yield told(
            event.citizen, "message_from_office", event.sent_at, certificate=event.certificate_type, text=event.text
        )
    elif event.addressed_to:
        yield told(
            event.addressed_to,
            "message_from_applicant",
            event.sent_at,
            certificate=event.certificate_type,
            text=event.text,
        )


def _escalated(event: ApplicationEscalated) -> Iterator[Told]:
    yield told(
        event.citizen,
        "application_escalated",
        event.escalated_at,
        certificate=event.certificate_type,
        level=event.level,
    )
    for staff in event.told:
        yield told(
            staff,
            "overdue_application",
            event.escalated_at,
            certificate=event.certificate_type,
            overdue_since=event.overdue_since.isoformat(),
        )


def _terminated(event: ApplicationTerminated) -> Iterator[Told]:
    """Who died reads nothing; who lives after all learns what became of it."""
    of = event.certificate_type
    if event.explanation is not None:
        facts = {"certificate": of, "explanation": event.explanation}
        yield told(event.citizen, "application_ended", event.terminated_at, **facts)
        for staff in event.reviewed_by:
            yield told(staff, "reviewed_application_ended", event.terminated_at, **facts)
        return
    yield told(event.citizen, "application_terminated", event.terminated_at, certificate=of)
    for staff in event.reviewed_by:
        yield told(staff, "reviewed_application_terminated", event.terminated_at, certificate=of)
