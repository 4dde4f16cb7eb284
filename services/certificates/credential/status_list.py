"""Token Status List (IETF draft-ietf-oauth-status-list): two bits a certificate, in a list that anyone may fetch. Pure.

Who fetches a list of 131,072 entries does not tell whose certificate he is looking at.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from services.certificates.credential.jws import Keys, NotReadable, decode, encode, open_jws
from services.certificates.domain.status_entry import SIZE

TYP = "statuslist+jwt"
BITS = 2
LONGEST = 2**24  # bytes of another's list that we are ready to unpack
HOLDS_FOR = timedelta(days=1)  # whoever is off line must fetch it anew after that
ASK_AGAIN = timedelta(minutes=5)  # whoever is on line


class Status(IntEnum):
    """§7.1 of the draft."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


def packed(statuses: Mapping[int, int], size: int = SIZE, bits: int = BITS) -> bytes:
    """Entries from the lowest bits of each byte up; those not given are 0."""
    per_byte = 8 // bits
    content = bytearray(-(-size // per_byte))
    for index, status in statuses.items():
        content[index // per_byte] |= status << index % per_byte * bits
    return bytes(content)


def compressed(content: bytes) -> str:
    return encode(zlib.compress(content, 9))


def claims_of(uri: str, statuses: Mapping[int, int], now: datetime) -> dict[str, Any]:
    """The list's statement. The same within a minute, unless a status changes."""
    issued_at = int(now.timestamp()) // 60 * 60
    return {
        "sub": uri,
        "iat": issued_at,
        "exp": issued_at + int(HOLDS_FOR.total_seconds()),
        "ttl": int(ASK_AGAIN.total_seconds()),
        "status_list": {"bits": BITS, "lst": compressed(packed(statuses))},
    }


@dataclass(frozen=True, slots=True)
class StatusList:
    uri: str
    issued_at: datetime
    expires_at: datetime | None
    bits: int
    content: bytes

    def status(self, index: int) -> int:
        """Raises NotReadable for an entry beyond the list's end."""
        per_byte = 8 // self.bits
        if not 0 <= index < len(self.content) * per_byte:
            raise NotReadable("the list has no such entry")
        return self.content[index // per_byte] >> index % per_byte * self.bits & (1 << self.bits) - 1

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def open_status_list(token: str, keys: Keys) -> StatusList:
    """Raises what `open_jws` raises."""
    claims = open_jws(token, TYP, keys)
    try:
        listed = claims["status_list"]
        bits = int(listed["bits"])
        if bits not in (1, 2, 4, 8):
            raise NotReadable("entries of a size the draft does not know")
        return StatusList(
            str(claims["sub"]),
            datetime.fromtimestamp(claims["iat"], UTC),
            datetime.fromtimestamp(claims["exp"], UTC) if "exp" in claims else None,
            bits,
            decompressed(listed["lst"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise NotReadable("no status list") from None


def decompressed(text: str) -> bytes:
    """Raises NotReadable, for what would grow beyond LONGEST too."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(decode(text), LONGEST)
    except zlib.error:
        raise NotReadable("not compressed as it should be") from None
    if not unpacking.eof:
        raise NotReadable("cut off, or too long")
    return content
