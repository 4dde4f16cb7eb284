"""What holders are told of their certificates' life."""

from collections.abc import Iterator

from services.notification.told import Told, told
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Event

EVENTS: tuple[type[Event], ...] = (
    CertificateIssued,
    CertificateSuspended,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateExpired,
)


def about_certificate(event: Event) -> Iterator[Told]:
    match event:
        case CertificateIssued():
            yield told(
                event.citizen,
                "certificate_issued",
                event.issued_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                issuing_body=event.issuing_body,
            )
        case CertificateSuspended() if event.reason != "holder_died":  # nobody could read it
            yield told(
                event.citizen,
                "certificate_suspended",
                event.suspended_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                explanation=event.explanation,
            )
        case CertificateReinstated():
            yield told(
                event.citizen,
                "certificate_reinstated",
                event.reinstated_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                explanation=event.explanation,
            )
        case CertificateRevoked() if event.reason != "holder_died":  # nobody could read it
            yield told(
                event.citizen,
                "certificate_revoked",
                event.revoked_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                explanation=event.explanation,
            )
        case CertificateSuperseded():
            yield told(
                event.citizen,
                "certificate_superseded",
                event.superseded_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                by_identifier=event.by_identifier,
            )
        case CertificateExpired():
            yield told(
                event.citizen,
                "certificate_expired",
                event.expired_at,
                certificate=event.certificate_type,
                identifier=event.identifier,
                valid_to=event.valid_to.isoformat(),
            )
