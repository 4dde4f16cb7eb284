"""A certificate. Stream `certificate-<id>`; the id follows from the application, so that an application has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from services.certificates.domain.certificate_life import LifeCommand, decide_life
from services.certificates.domain.certificate_state import NotIssued, State, evolve
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import months_after
from services.certificates.domain.issuer import Issuer
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.licence_number import LicenceNumber


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


Command = IssueCertificate | LifeCommand


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case IssueCertificate():
            return [_issued(command)] if isinstance(state, NotIssued) else []
        case _:
            return decide_life(state, command)


def _issued(command: IssueCertificate) -> CertificateIssued:
    type, issuer, form = command.type, command.issuer, command.form
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
        content=type.certified(form),
        valid_from=command.day,
        valid_to=None if type.valid_months is None else months_after(command.day, type.valid_months),
        issued_at=command.now,
    )


CERTIFICATE: Aggregate[State, Command] = Aggregate("certificate", NotIssued(), decide, evolve)
