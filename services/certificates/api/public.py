"""Checking a certificate: open to everyone, telling no more than is needed to compare it with a paper."""

import unicodedata
from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.answer import words
from services.certificates.api.certificate_answers import CheckResult
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain.dates import day_in_china
from services.certificates.read_models.certificates import find_certificate
from shared.eventstore.database import Pool
from shared.standards.errors import NotValid
from shared.standards.licence_number import LicenceNumber
from shared.standards.text import Language, Text

VALID = Text("该证照真实有效。", "This certificate is genuine and in force.")
EXPIRED = Text("该证照真实，但已超过有效期。", "This certificate is genuine, but no longer in force.")
UNKNOWN = Text(
    "未查到该证照，请核对标识；如仍查不到，请勿采信。",
    "No such certificate was issued here; please compare the identifier, and do not rely on the paper otherwise.",
)


@get("/check/{identifier:str}", tags=["check"], summary="证照核验 / check a certificate by its identifier")
async def check(
    identifier: FromPath[str],
    pool: NamedDependency[Pool],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> CheckResult:
    try:
        number = str(LicenceNumber.parse(unicodedata.normalize("NFKC", identifier).strip().upper()))
    except NotValid as wrong:
        return CheckResult(status="malformed", message=wrong.text.to(language))
    found = await find_certificate(pool, number)
    if found is None:
        return CheckResult(status="unknown", message=UNKNOWN.to(language), identifier=number)
    has_expired = found.has_expired(day_in_china(now))
    return CheckResult(
        status="expired" if has_expired else "valid",
        message=(EXPIRED if has_expired else VALID).to(language),
        identifier=number,
        certificate_type=found.certificate_type,
        type_name=words((await current_catalogue(pool)).name(found.certificate_type)),
        issuing_body=found.issuing_body,
        issuing_body_code=found.issuing_body_code,
        holder=found.holder_masked,
        issued_on=found.valid_from,
        valid_to=found.valid_to,
    )
