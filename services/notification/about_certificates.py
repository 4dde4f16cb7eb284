"""What holders are told of their certificates' life."""

from collections.abc import Iterator
from datetime import datetime

from services.notification.domain.notice import Fact
from services.notification.told import Told, told, with_guardian
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateIssued,
    CertificatePrintedAtKiosk,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
)
from shared.contracts.event import Event
from shared.standards import divisions
from shared.standards.division_names import full_name

EVENTS: tuple[type[Event], ...] = (
    CertificateIssued,
    CertificateSuspended,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateExpired,
    CertificatePrintedAtKiosk,
)


Certificate = (
    CertificateIssued
    | CertificateSuspended
    | CertificateReinstated
    | CertificateRevoked
    | CertificateSuperseded
    | CertificateExpired
    | CertificatePrintedAtKiosk
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
        case CertificatePrintedAtKiosk(printed_at=at):
            yield _told(event, "certificate_printed", at, printed_at=at.isoformat(), place=_place(event))


def _place(event: CertificatePrintedAtKiosk) -> str:
    """'河北省石家庄市正定县 正定大厅1号终端'"""
    known = event.division and divisions.find(event.division)
    place = full_name(event.division) if event.division and known else event.division
    return " ".join(part for part in (place, event.kiosk_name) if part) or str(event.kiosk)


def _told(event: Certificate, template: str, at: datetime, **facts: Fact) -> Told:
    return told(event.citizen, template, at, certificate=event.certificate_type, identifier=event.identifier, **facts)
