"""What anyone may learn of a certificate: whether it holds, what it is, and a masked name."""

from datetime import date, datetime

from services.certificates.catalogue import Catalogue
from services.certificates.checking import page
from services.certificates.checking.evidence import Kind
from services.certificates.checking.online import Checked
from services.certificates.checking.verdict import Code
from shared.contracts.case_items import Words
from shared.department.answer import Answer, words
from shared.standards.text import Language


class CheckResult(Answer):
    """`status` is the reason code, `message` says it in words. What it tells beside that is what was issued, not
    what was shown; nothing is told of what cannot be believed."""

    status: Code
    message: str
    kind: Kind | None = None  # what was shown
    identifier: str | None = None  # as read, unless malformed
    certificate_type: str | None = None
    type_name: Words | None = None
    issuing_body: str | None = None
    issuing_body_code: str | None = None
    holder: str | None = None  # 张*
    issued_on: date | None = None
    valid_to: date | None = None
    since: datetime | None = None  # suspended or revoked or superseded
    superseded_by: str | None = None  # identifier of the certificate that took its place


def show_check(checked: Checked, catalogue: Catalogue, language: Language) -> CheckResult:
    verdict, row, evidence = checked.verdict, checked.certificate, checked.evidence
    result = CheckResult(
        status=verdict.code,
        message=verdict.text.to(language),
        kind=evidence.kind,
        identifier=evidence.identifier,
        since=verdict.since,
        superseded_by=verdict.superseded_by,
    )
    if row is None:
        return result
    return result.model_copy(
        update={
            "certificate_type": row.certificate_type,
            "type_name": words(catalogue.name(row.certificate_type)),
            "issuing_body": row.issuing_body,
            "issuing_body_code": row.issuing_body_code,
            "holder": row.holder_masked,
            "issued_on": row.valid_from,
            "valid_to": row.valid_to,
        }
    )


def shown_on_page(result: CheckResult, language: Language) -> page.Shown:
    if result.type_name is None:
        return page.Shown(result.status, result.message, {})
    until = result.valid_to.isoformat() if result.valid_to else page.TEXTS["for_good"].to(language)
    return page.Shown(
        result.status,
        result.message,
        {
            "type": result.type_name.en if language == "en" else result.type_name.zh,
            "body": result.issuing_body,
            "holder": result.holder,
            "issued_on": result.issued_on.isoformat() if result.issued_on else None,
            "valid_to": until,
            "identifier": result.identifier,
        },
    )
