"""A certificate. Stream `certificate-<id>`; the id follows from the application, so that an application has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import months_after
from services.certificates.domain.issuer import Issuer
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.licence_number import LicenceNumber


@dataclass(frozen=True, slots=True)
class NotIssued:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Issued:
    """`as_issued` tells all that the certificate says."""

    as_issued: CertificateIssued


State = NotIssued | Issued


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    application: UUID
    citizen: UUID
    type: CertificateType
    issuer: Issuer
    serial: str
    form: Mapping[str, str]
    day: date  # of the approval, in China
    now: datetime


def certificate_of(application: UUID) -> UUID:
    return uuid5(application, "certificate")


def decide(state: State, command: IssueCertificate) -> Sequence[Event]:
    match state:
        case NotIssued():
            return [_issued(command)]
        case Issued():
            return []


def _issued(command: IssueCertificate) -> CertificateIssued:
    type, issuer, form = command.type, command.issuer, command.form
    content = {
        name: field.printed(form[name]) for name in type.certifies if (field := type.field(name)) and name in form
    }
    return CertificateIssued(
        certificate=certificate_of(command.application),
        application=command.application,
        citizen=command.citizen,
        certificate_type=type.code,
        identifier=str(LicenceNumber.make(type.type_code, issuer.credit_code, command.serial)),
        number=command.serial,
        issuing_body=issuer.name,
        issuing_body_code=issuer.credit_code,
        division=issuer.division,
        holder_name=form[type.holder_name],
        holder_code=form[type.holder_code],
        content=content,
        valid_from=command.day,
        valid_to=None if type.valid_months is None else months_after(command.day, type.valid_months),
        issued_at=command.now,
    )


def evolve(state: State, event: Event) -> State:
    match event:
        case CertificateIssued():
            return Issued(event)
        case _:
            return state


CERTIFICATE: Aggregate[State, IssueCertificate] = Aggregate("certificate", NotIssued(), decide, evolve)
