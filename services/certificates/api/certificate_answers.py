"""How certificates are shown: to their holder, and to whoever checks one."""

from datetime import date, datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.checking.verdict import Code, Verdict, judge
from services.certificates.read_models.certificates import CertificateRow
from shared.contracts.case_items import Words
from shared.contracts.certificates import CertificateIssued
from shared.department.answer import Answer, words
from shared.standards.text import Text


class CertificateListed(Answer):
    certificate: UUID
    certificate_type: str
    type_name: Words
    identifier: str
    number: str
    issuing_body: str
    status: Code
    valid_from: date
    valid_to: date | None
    issued_at: datetime
    superseded_by: str | None  # identifier of the certificate that took its place


class Certificates(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    certificates: list[CertificateListed]
    next: str | None


def list_certificate(row: CertificateRow, catalogue: Catalogue, today: date) -> CertificateListed:
    return CertificateListed(
        certificate=row.certificate,
        certificate_type=row.certificate_type,
        type_name=words(catalogue.name(row.certificate_type)),
        identifier=row.identifier,
        number=row.number,
        issuing_body=row.issuing_body,
        status=judge(row.stands, today).code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        issued_at=row.issued_at,
        superseded_by=row.superseded_by,
    )


class ContentLine(Answer):
    name: str
    label: Words
    value: str


class CertificateShown(Answer):
    certificate: UUID
    application: UUID
    certificate_type: str
    type_name: Words
    identifier: str
    number: str
    issuing_body: str
    issuing_body_code: str
    holder_name: str
    holder_code: str
    content: list[ContentLine]
    status: Code
    since: datetime | None  # suspended or revoked or superseded
    superseded_by: str | None  # identifier of the certificate that took its place
    replaces: str | None  # identifier of the certificate whose place it took
    valid_from: date
    valid_to: date | None
    issued_at: datetime


def show_certificate(issued: CertificateIssued, catalogue: Catalogue, verdict: Verdict) -> CertificateShown:
    labels = catalogue.labels(issued.certificate_type)
    return CertificateShown(
        certificate=issued.certificate,
        application=issued.application,
        certificate_type=issued.certificate_type,
        type_name=words(catalogue.name(issued.certificate_type)),
        identifier=issued.identifier,
        number=issued.number,
        issuing_body=issued.issuing_body,
        issuing_body_code=issued.issuing_body_code,
        holder_name=issued.holder_name,
        holder_code=issued.holder_code,
        content=[
            ContentLine(name=name, label=words(labels.get(name, Text(name, name))), value=value)
            for name, value in issued.content.items()
        ],
        status=verdict.code,
        since=verdict.since,
        superseded_by=verdict.superseded_by,
        replaces=issued.replaces_identifier,
        valid_from=issued.valid_from,
        valid_to=issued.valid_to,
        issued_at=issued.issued_at,
    )
