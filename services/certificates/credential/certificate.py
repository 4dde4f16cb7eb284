"""A certificate as a verifiable credential: SD-JWT VC (IETF draft-ietf-oauth-sd-jwt-vc).

The holder's name and ID number and each line of content are hidden, each for itself: one can show where one lives
without one's ID number. It is not bound to a key of the holder's; whoever shows it must be compared with the name.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.credential.sd_jwt import combined, conceal
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Invalid
from shared.standards.shanghai import SHANGHAI, end_of
from shared.standards.text import Text

TYP = "dc+sd-jwt"
MEDIA = "application/dc+sd-jwt"


async def credential_of(
    issuer: CredentialIssuer, issued: CertificateIssued, disclose: Collection[str] | None = None
) -> str:
    """All of it, or a presentation that shows only the hidden claims named. Raises Invalid for one it does not have.

    Deterministic: the same certificate is the same credential.
    """
    claims, disclosures = conceal(_open(issued, issuer.url), _hidden(issued), await issuer.salt(issued.certificate))
    shown = disclosures.keys() if disclose is None else disclose
    if unknown := set(shown) - disclosures.keys():
        raise _no_such_claim(unknown, disclosures.keys())
    jws = await issuer.sign(TYP, claims, issued.issued_at)
    return combined(jws, (disclosure for path, disclosure in disclosures.items() if path in shown))


def status_uri(url: str, list: int) -> str:
    return f"{url}/status-lists/{list}"


def type_urn(certificate_type: str) -> str:
    return f"urn:tongban:certificate:{certificate_type}"


def _open(issued: CertificateIssued, url: str) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iss": url,
        "vct": type_urn(issued.certificate_type),
        "iat": _seconds(issued.issued_at),
        "nbf": _seconds(start_of(issued.valid_from)),
    }
    if issued.valid_to is not None:
        claims["exp"] = _seconds(end_of(issued.valid_to))
    if issued.status_list is not None:
        claims["status"] = {"status_list": {"idx": issued.status_index, "uri": status_uri(url, issued.status_list)}}
    return claims | {
        "identifier": issued.identifier,
        "number": issued.number,
        "version": issued.version,
        "issuing_body": issued.issuing_body,
        "issuing_body_code": issued.issuing_body_code,
    }


def _hidden(issued: CertificateIssued) -> Mapping[str, str]:
    content = {f"content.{name}": value for name, value in issued.content.items()}
    return {"holder_name": issued.holder_name, "holder_code": issued.holder_code, **content}


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())


def _no_such_claim(unknown: Collection[str], known: Collection[str]) -> Invalid:
    names = ", ".join(known)
    return Invalid(
        "no_such_claim",
        f"该证照没有这些可选择出示的内容，请从以下各项中选择：{names}。",
        f"This certificate has no such claim to disclose; please choose from {names}.",
        fields={"disclose": Text(f"可选：{names}", f"Choose from {names}")},
        unknown=sorted(unknown),
    )
