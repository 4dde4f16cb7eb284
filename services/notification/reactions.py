"""Which events a citizen is told about, and with which facts. Pure."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from services.notification.domain.notice import NOTICE, DeliverNotice, Fact
from shared.contracts.certificates import (
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationSubmitted,
    CertificateIssued,
)
from shared.contracts.event import Recorded
from shared.contracts.identity import CitizenRegistered
from shared.eventstore.aggregate import Instruction
from shared.messaging.reaction import Reaction


def tell(cause: Recorded) -> Iterator[Instruction]:
    """An approval is not told: the certificate follows it at once."""
    match cause.data:
        case CitizenRegistered() as event:
            yield _notice(cause, event.citizen, "welcome", event.registered_at, name=event.name)
        case ApplicationSubmitted() as event:
            yield _notice(
                cause,
                event.citizen,
                "application_received",
                event.submitted_at,
                certificate=event.certificate_type,
                expected_by=event.expected_by.isoformat(),
            )
        case ApplicationSentBack() as event:
            yield _notice(
                cause,
                event.citizen,
                "application_sent_back",
                event.sent_back_at,
                certificate=event.certificate_type,
                wrong_fields=event.wrong_fields,
            )
        case ApplicationRefused() as event:
            yield _notice(
                cause,
                event.citizen,
                "application_refused",
                event.refused_at,
                certificate=event.certificate_type,
                reason=event.reason,
            )
        case CertificateIssued() as event:
            yield _notice(
                cause,
                event.citizen,
                "certificate_issued",
                event.issued_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                issuing_body=event.issuing_body,
            )


def _notice(cause: Recorded, recipient: UUID, template: str, occurred_at: datetime, **facts: Fact) -> Instruction:
    command = DeliverNotice(cause.id, recipient, template, facts, cause.stream, occurred_at)
    return Instruction(NOTICE, str(cause.id), command)


TELL = Reaction(
    "tell",
    (CitizenRegistered, ApplicationSubmitted, ApplicationSentBack, ApplicationRefused, CertificateIssued),
    tell,
)
