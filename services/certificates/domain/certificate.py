"""A certificate. Stream `certificate-<id>`; the id follows from the application, so that an application has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from services.certificates.domain.certificate_life import LifeCommand, decide_life
from services.certificates.domain.certificate_state import NotIssued, State, evolve
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import months_after
from services.certificates.domain.guardian import Guardian, still_guardian
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.seal_use import SealUsed
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.licence_number import LicenceNumber


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a certificate follows from."""

    application: UUID
    citizen: UUID
    type: CertificateType
    issuer: Issuer
    serial: str
    form: Mapping[str, str]
    day: date  # of the approval, in China
    now: datetime
    guardian: Guardian | None = None
    countersigner: Issuer | None = None  # a second body, that seals after the first


@dataclass(frozen=True, slots=True)
class Sealed:
    """The document that was made, and who put his hand to it. Hashes are SHA-256, 64 hexadecimal digits."""

    reviewer: UUID
    signature: UUID
    signed: str  # hash of the page that the reviewer signed
    seal: UUID
    sealed: str  # hash of page and signature, which the body sealed
    document: str  # hash of the whole
    sm2_seal: str  # over the whole, base64
    counter: "CounterSealed | None" = None


@dataclass(frozen=True, slots=True)
class CounterSealed:
    """Who of a second body signed and sealed after the first, and the hashes of what they signed."""

    reviewer: UUID
    signature: UUID
    signed: str
    seal: UUID
    sealed: str


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    says: CertificateIssued  # as `drawn_up`, or the next version of another
    sealed: Sealed


def certificate_of(application: UUID) -> UUID:
    return uuid5(application, "certificate")


Command = IssueCertificate | LifeCommand


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case IssueCertificate():
            return _issued(command.says, command.sealed) if isinstance(state, NotIssued) else []
        case _:
            return decide_life(state, command)


def _issued(says: CertificateIssued, sealed: Sealed) -> Sequence[Event]:
    """The uses of signature and seal stand beside what they were used for."""
    made: dict[str, UUID | str] = {
        "reviewer": sealed.reviewer,
        "signature": sealed.signature,
        "seal": sealed.seal,
        "document": sealed.document,
        "sm2_seal": sealed.sm2_seal,
    }
    certificate, at = says.certificate, says.issued_at
    counter = sealed.counter
    if counter:
        made |= {
            "counter_reviewer": counter.reviewer,
            "counter_signature": counter.signature,
            "counter_seal": counter.seal,
        }
    uses = [(sealed.signature, sealed.signed), (sealed.seal, sealed.sealed)]
    uses += [(counter.signature, counter.signed), (counter.seal, counter.sealed)] if counter else []
    return [
        *(SealUsed(seal=seal, certificate=certificate, digest=digest, used_at=at) for seal, digest in uses),
        says.model_copy(update=made),
    ]


def drawn_up(given: Particulars) -> CertificateIssued:
    """All that the certificate says; not signed yet."""
    type, issuer, form = given.type, given.issuer, given.form
    guardian = still_guardian(given.guardian, given.now)
    return CertificateIssued(
        certificate=certificate_of(given.application),
        application=given.application,
        citizen=given.citizen,
        certificate_type=type.code,
        identifier=str(LicenceNumber.make(type.type_code, issuer.credit_code, given.serial)),
        number=given.serial,
        issuing_body=issuer.name,
        issuing_body_code=issuer.credit_code,
        division=issuer.division,
        holder_name=form[type.holder_name],
        holder_code=form[type.holder_code],
        content=type.certified(form),
        valid_from=given.day,
        valid_to=None if type.valid_months is None else months_after(given.day, type.valid_months),
        issued_at=given.now,
        catalogue_version=type.version,
        holder_type=type.holder_type,
        countersigning_body=given.countersigner.name if given.countersigner else None,
        countersigning_body_code=given.countersigner.credit_code if given.countersigner else None,
        guardian=guardian,
        guardian_until=given.guardian.until if guardian and given.guardian else None,
    )


CERTIFICATE: Aggregate[State, Command] = Aggregate("certificate", NotIssued(), decide, evolve)
