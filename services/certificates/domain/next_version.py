"""The certificate that takes the place of one that says something wrong."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from services.certificates.domain.certificate_type import CertificateType
from shared.contracts.certificates import CertificateIssued
from shared.standards.licence_number import LicenceNumber


def next_version_of(certificate: UUID) -> UUID:
    """It follows from the one it corrects, so that a certificate has one next version."""
    return uuid5(certificate, "next version")


def next_version(
    before: CertificateIssued,
    type: CertificateType,
    form: Mapping[str, str],
    by: UUID,
    now: datetime,
    *,
    number: str | None = None,
) -> CertificateIssued:
    """What the corrected certificate says, not signed yet. Its term stays that of the one it replaces.

    `number`: its own, where the type gives what takes another's place a number of its own (换发).
    """
    identifier = (
        LicenceNumber.parse(before.identifier).next_version()
        if number is None
        else LicenceNumber.make(type.type_code, before.issuing_body_code, number)
    )
    return before.model_copy(
        update={
            "certificate": next_version_of(before.certificate),
            "identifier": str(identifier),
            "number": number or before.number,
            "version": before.version + 1,
            "replaces": before.certificate,
            "replaces_identifier": before.identifier,
            "holder_name": form[type.holder_name],
            "holder_code": form[type.holder_code],
            "content": type.certified(form),
            "reviewer": by,
            "issued_at": now,
            "signature": None,
            "seal": None,
            "document": None,
            "sm2_seal": None,
            "status_list": None,
            "status_index": None,
        }
    )
