"""What a certificate's QR code says: an address that opens the public check, and a signed statement in it.

Whoever has the department's keys can check the statement off line. It is kept small, for a phone to read from paper,
and tells no more than a masked name. `c` binds it to the name and ID number printed beside it: scrypt rather than a
bare hash, because all ID numbers of a county are tried out in seconds against a bare one.
"""

import asyncio
import hmac
from dataclasses import dataclass
from datetime import date
from hashlib import scrypt
from urllib.parse import parse_qs, urlsplit

from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.credential.jws import Keys, NotReadable, encode, open_jws
from shared.contracts.certificates import CertificateIssued
from shared.standards.errors import NotValid
from shared.standards.licence_number import ROOT, LicenceNumber
from shared.standards.masking import masked

TYP = "tb-qr"
LONGEST = 8 * 1024  # characters; no QR code holds more than 4,296
MEMORY = 64 * 1024 * 1024  # bytes that scrypt may use


@dataclass(frozen=True, slots=True)
class QrStatement:
    identifier: LicenceNumber  # tells the issuing body's code, too
    certificate_type: str
    holder_masked: str
    commitment: str  # 16 characters, 96 bits
    valid_from: date
    valid_to: date | None
    status: tuple[int, int] | None  # list and entry

    def is_about(self, holder_name: str, holder_code: str) -> bool:
        """Is this the holder? Takes about 50 ms, and so does each guess of whoever tries many."""
        return hmac.compare_digest(self.commitment, _commitment(str(self.identifier), holder_name, holder_code))


async def qr_text(issuer: CredentialIssuer, issued: CertificateIssued) -> str:
    """What to draw, about 450 characters."""
    commitment = await asyncio.to_thread(_commitment, issued.identifier, issued.holder_name, issued.holder_code)
    claims: dict[str, object] = {
        "i": issued.identifier.removeprefix(f"{ROOT}."),
        "t": issued.certificate_type,
        "h": masked(issued.holder_name),
        "c": commitment,
        "f": issued.valid_from.isoformat(),
    }
    if issued.valid_to is not None:
        claims["u"] = issued.valid_to.isoformat()
    if issued.status_list is not None:
        claims["s"] = [issued.status_list, issued.status_index]
    return f"{issuer.url}/check?c={await issuer.sign(TYP, claims, issued.issued_at)}"


def statement_in(text: str) -> str:
    """The signed statement in a scanned text: the whole address, or the statement alone."""
    if len(text) > LONGEST:
        raise NotReadable("longer than a QR code")
    text = text.strip()
    if "?" not in text:
        return text
    try:
        return parse_qs(urlsplit(text).query).get("c", [""])[0]
    except ValueError:
        raise NotReadable("no address") from None


def open_qr(statement: str, keys: Keys) -> QrStatement:
    """Raises what `open_jws` raises."""
    if len(statement) > LONGEST:
        raise NotReadable("longer than a QR code")
    claims = open_jws(statement, TYP, keys)
    try:
        return QrStatement(
            LicenceNumber.parse(f"{ROOT}.{claims['i']}"),
            str(claims["t"]),
            str(claims["h"]),
            str(claims["c"]),
            date.fromisoformat(claims["f"]),
            date.fromisoformat(claims["u"]) if "u" in claims else None,
            _status(*claims["s"]) if "s" in claims else None,
        )
    except (KeyError, TypeError, ValueError, OverflowError, NotValid):
        raise NotReadable("no statement of a QR code") from None


def _status(list: int, index: int) -> tuple[int, int]:
    return int(list), int(index)


def _commitment(identifier: str, holder_name: str, holder_code: str) -> str:
    words = f"{holder_name}\n{holder_code}".encode()
    return encode(scrypt(words, salt=identifier.encode(), n=2**14, r=8, p=1, maxmem=MEMORY, dklen=12))
