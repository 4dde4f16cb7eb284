"""What holders are told of their certificates' life."""

from collections.abc import Iterator
from datetime import datetime

from services.notification.domain.notice import Fact
from services.notification.told import Told, told, with_guardian
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


Certificate = (
    CertificateIssued
    | CertificateSuspended
    | CertificateReinstated
    | CertificateRevoked
    | CertificateSuperseded
    | CertificateExpired
)


def about_certificate(event: Event) -> Iterator[Told]:
    """The holder, and his guardian beside him."""
    for one in _holder(event):
        yield from with_guardian(one, getattr(event, "guardian", None))


def _holder(event: Event) -> Iterator[Told]:
    """Of what ends because its holder died nobody is told: he could not read it."""
    match event:
        case CertificateIssued():
            yield _told(event, "certificate_issued", event.issued_at, issuing_body=event.issuing_body)
        case CertificateSuspended() if event.reason != "holder_died":
            yield _told(event, "certificate_suspended", event.suspended_at, explanation=event.explanation)
        case CertificateReinstated():
            yield _told(event, "certificate_reinstated", event.reinstated_at, explanation=event.explanation)
        case CertificateRevoked() if event.reason != "holder_died":
            yield _told(event, "certificate_revoked", event.revoked_at, explanation=event.explanation)
        case CertificateSuperseded():
            yield _told(event, "certificate_superseded", event.superseded_at, by_identifier=event.by_identifier)
        case CertificateExpired():
            yield _told(event, "certificate_expired", event.expired_at, valid_to=event.valid_to.isoformat())


def _told(event: Certificate, template: str, at: datetime, **facts: Fact) -> Told:
    return told(event.citizen, template, at, certificate=event.certificate_type, identifier=event.identifier, **facts)
