"""What somebody shows: a QR code's text, a credential, a document or an identifier. Pure.

Only signatures are judged here, by keys and roots that the caller trusts; how the certificate stands is another matter.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from services.certificates.checking.verdict import Flaw
from services.certificates.credential.certificate import TYP as CREDENTIAL_TYP
from services.certificates.credential.jws import Keys, NotReadable, UnknownKey, WithdrawnKey, WrongSignature
from services.certificates.credential.qr import open_qr, statement_in
from services.certificates.credential.sd_jwt import NotDisclosed, open_sd_jwt
from services.certificates.document.finding import PdfFinding
from services.certificates.document.inspect import inspect_pdf
from shared.inspection.pdf import is_pdf
from shared.standards.errors import NotValid
from shared.standards.licence_number import LicenceNumber
from shared.standards.masking import masked
from shared.standards.shanghai import day_in_shanghai

Kind = Literal["identifier", "qr", "credential", "document"]
LONGEST_TEXT = 512 * 1024  # bytes; a credential with all its disclosures has 5,000
LONGEST_IDENTIFIER = 300  # characters
FLAWS: Mapping[str, Flaw] = {
    "altered": "altered",
    "unknown_issuer": "unknown_issuer",
    "not_ours": "unknown_issuer",
    "too_large": "malformed",
}  # of a document; one that is intact has none


@dataclass(frozen=True, slots=True)
class Evidence:
    """What it says; nothing of it may be believed when there is a flaw."""

    kind: Kind | None  # None: it is none of them
    flaw: Flaw | None = None
    flawed_since: datetime | None = None  # where the flaw has a beginning
    identifier: str | None = None
    certificate_type: str | None = None
    issuing_body: str | None = None
    issuing_body_code: str | None = None
    holder: str | None = None  # masked
    valid_from: date | None = None
    valid_to: date | None = None
    status: tuple[str, int] | None = None  # how its status list's address ends, and the entry
    disclosed: Mapping[str, Any] = field(default_factory=dict)  # what a credential shows of what it can hide
    sha256: str | None = None  # of a document


def recognise(content: bytes) -> Kind | None:
    """By what is in it, whatever it is called."""
    if is_pdf(content):
        return "document"
    text = text_of(content) if len(content) <= LONGEST_TEXT else None
    if text is None:
        return None
    if "~" in text:
        return "credential"
    if text.count(".") == 2 or "c=" in text:
        return "qr"
    return "identifier" if text.count(".") > 2 else None


def read(content: bytes, keys: Keys, roots: Sequence[str]) -> Evidence:
    """A file, by what is in it. `roots`: X.509, PEM, of those whose word for who signed a document counts.

    Looks into documents here and now, and may raise BeyondLimits: see `inspect_pdf`.
    """
    if recognise(content) == "document":
        return of_document(inspect_pdf(content, roots))
    return read_text(content, keys)


def read_text(content: bytes, keys: Keys) -> Evidence:
    """Whatever is no document. Bounded in itself, so it is read where it comes."""
    kind = recognise(content)
    text = (text_of(content) or "") if kind else ""
    match kind:
        case "qr":
            return read_qr(text, keys)
        case "credential":
            return read_credential(text, keys)
        case "identifier":
            try:
                return read_identifier(text)
            except NotValid:
                return Evidence(kind, "malformed")
        case _:
            return Evidence(kind, "malformed")


def text_of(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None


def read_identifier(text: str) -> Evidence:
    """Small and full-width characters are read as what they stand for. Raises NotValid for a slip."""
    text = text[: LONGEST_IDENTIFIER + 1]
    number = LicenceNumber.parse(unicodedata.normalize("NFKC", text).strip().upper())
    return Evidence("identifier", identifier=str(number), issuing_body_code=number.issuer)


def read_qr(text: str, keys: Keys) -> Evidence:
    try:
        told = open_qr(statement_in(text), keys)
    except WithdrawnKey as withdrawn:
        return Evidence("qr", "key_withdrawn", withdrawn.since)
    except UnknownKey:
        return Evidence("qr", "unknown_issuer")
    except WrongSignature:
        return Evidence("qr", "forged")
    except NotReadable:
        return Evidence("qr", "malformed")
    return Evidence(
        "qr",
        identifier=str(told.identifier),
        certificate_type=told.certificate_type,
        issuing_body_code=told.identifier.issuer,
        holder=told.holder_masked,
        valid_from=told.valid_from,
        valid_to=told.valid_to,
        status=None if told.status is None else (f"/status-lists/{told.status[0]}", told.status[1]),
    )


def read_credential(text: str, keys: Keys) -> Evidence:
    """An SD-JWT VC, whole or a presentation of parts."""
    try:
        claims = open_sd_jwt(text, CREDENTIAL_TYP, keys)
        return _credential(claims)
    except WithdrawnKey as withdrawn:
        return Evidence("credential", "key_withdrawn", withdrawn.since)
    except UnknownKey:
        return Evidence("credential", "unknown_issuer")
    except (WrongSignature, NotDisclosed):
        return Evidence("credential", "altered")
    except (NotReadable, KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError):
        return Evidence("credential", "malformed")


def of_document(finding: PdfFinding) -> Evidence:
    return Evidence(
        "document",
        FLAWS.get(finding.verdict),
        identifier=finding.identifier,
        issuing_body=finding.seal.name if finding.seal else None,
        sha256=finding.sha256,
    )


def _credential(claims: Mapping[str, Any]) -> Evidence:
    entry = claims["status"]["status_list"] if "status" in claims else None
    name = claims.get("holder_name")
    content = {f"content.{key}": value for key, value in claims.get("content", {}).items()}
    named = {key: claims[key] for key in ("holder_name", "holder_code") if key in claims}
    return Evidence(
        "credential",
        identifier=str(LicenceNumber.parse(claims["identifier"])),
        certificate_type=claims["vct"].rpartition(":")[2],
        issuing_body=claims["issuing_body"],
        issuing_body_code=claims["issuing_body_code"],
        holder=None if name is None else masked(name),
        valid_from=day_in_shanghai(_moment(claims["nbf"])),
        # exp is 24:00 of the last day
        valid_to=day_in_shanghai(_moment(claims["exp"]) - timedelta(seconds=1)) if "exp" in claims else None,
        status=None if entry is None else (entry["uri"], int(entry["idx"])),
        disclosed=named | content,
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
