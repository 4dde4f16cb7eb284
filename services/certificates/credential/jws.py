"""Signed statements: compact JWS (RFC 7515) with Ed25519 (RFC 8037). Pure; whoever holds the key makes the signature.

Each kind of statement has its own `typ`, so that one never passes for another (RFC 8725 §3.11).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.contracts.errors import TongbanError
from shared.inspection.json_text import read_json
from shared.standards import base64url
from shared.standards.base64url import encode as encode

ALGORITHM = "EdDSA"
REVOKED = "revoked_keys"  # beside a JWK set's keys, each `revoked` as OpenID Federation 1.0 §8.7.2 has it
LONGEST = 256 * 1024  # characters; a status list of 2^17 entries at its worst has 45,000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A key that was trusted once: nothing that it signed is believed any more, whenever it says it was."""

    key: Ed25519PublicKey
    since: datetime


Keys = Mapping[str, Ed25519PublicKey | Withdrawn]
"""By key id."""


class NotReadable(TongbanError):
    """Not a statement of this kind."""


class UnknownKey(TongbanError):
    """Signed by a key that is not among those trusted."""


class WithdrawnKey(UnknownKey):
    """Signed, rightly, by a key that was withdrawn."""

    def __init__(self, since: datetime) -> None:
        super().__init__("signed by a key that was withdrawn")
        self.since = since


class WrongSignature(TongbanError):
    """It names a trusted key, and that key has not signed these words."""


def signing_input(typ: str, kid: str, claims: Mapping[str, Any]) -> str:
    """What is to be signed, as ASCII."""
    header = {"alg": ALGORITHM, "kid": kid, "typ": typ}
    return f"{encode(to_json(header))}.{encode(to_json(claims))}"


def compact(signed: str, signature: bytes) -> str:
    return f"{signed}.{encode(signature)}"


def open_jws(text: str, typ: str, keys: Keys) -> dict[str, Any]:
    """Its claims. Raises NotReadable, UnknownKey, WithdrawnKey and WrongSignature."""
    header, claims, signature = _parts(text)
    if header.get("typ") != typ or header.get("alg") != ALGORITHM or "crit" in header:
        raise NotReadable(f"no {typ} signed with {ALGORITHM}")
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise UnknownKey("signed by an unknown key")
    try:
        _key_of(key).verify(signature, text.rpartition(".")[0].encode())
    except InvalidSignature:
        raise WrongSignature("the signature is wrong") from None
    if isinstance(key, Withdrawn):
        raise WithdrawnKey(key.since)
    return claims


def peek(text: str) -> dict[str, Any]:
    """The claims as they are written; nothing is checked. Raises NotReadable."""
    return _parts(text)[1]


def header_of(text: str) -> dict[str, Any]:
    """As it is written; nothing is checked. Raises NotReadable."""
    return _parts(text)[0]


def public_keys(jwks: Any) -> dict[str, Ed25519PublicKey | Withdrawn]:
    """The Ed25519 keys of a JWK set (RFC 7517) and those that it tells were withdrawn; others are passed over.

    Raises NotReadable when it is none.
    """
    try:
        trusted = {str(key["kid"]): _ed25519(key) for key in jwks["keys"] if key.get("crv") == "Ed25519"}
        withdrawn = {
            str(key["kid"]): Withdrawn(_ed25519(key), datetime.fromtimestamp(key["revoked"]["revoked_at"], UTC))
            for key in jwks.get(REVOKED, ())
            if key.get("crv") == "Ed25519"
        }
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError):
        raise NotReadable("no set of keys") from None
    return joined(trusted, withdrawn)


def joined(some: Keys, others: Keys) -> dict[str, Ed25519PublicKey | Withdrawn]:
    """What one set tells was withdrawn is withdrawn, whatever an older one says."""
    return {**some, **others, **{kid: key for kid, key in some.items() if isinstance(key, Withdrawn)}}


def vouched_for(keys: Keys) -> Keys:
    """For statements whose words somebody else answers for: a key that was withdrawn reads them, too."""
    return {kid: _key_of(key) for kid, key in keys.items()}


def _key_of(key: Ed25519PublicKey | Withdrawn) -> Ed25519PublicKey:
    return key.key if isinstance(key, Withdrawn) else key


def _ed25519(jwk: Mapping[str, Any]) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def decode(text: str) -> bytes:
    """Raises NotReadable for anything but the one way these bytes are written."""
    try:
        content = base64url.decode(text)
    except (ValueError, TypeError):
        raise NotReadable("not base64url") from None
    if encode(content) != text:
        raise NotReadable("not base64url as it is written")
    return content


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    if len(text) > LONGEST or text.count(".") != 2:
        raise NotReadable("no signed statement")
    header, claims, signature = (decode(part) for part in text.split("."))
    return from_json(header, dict), from_json(claims, dict), signature


def from_json(content: bytes, kind: type[T]) -> T:
    """Raises NotReadable unless it is JSON of this kind, `dict` or `list`."""
    try:
        found = read_json(content)
    except ValueError:
        raise NotReadable("not JSON") from None
    if not isinstance(found, kind):
        raise NotReadable(f"no JSON {kind.__name__}")
    return found
