"""A key of personal fields on its way to one reader: encrypted for that reader's public key.

JWE (RFC 7516) in compact form, ECDH-ES over X25519 with AES-256-GCM (RFC 8037, RFC 7518); its content is that of a
`PersonKey`: the key's 32 bytes, or the parts that the reader is given. A message about a key is JSON: {"id", "owner",
"made_at", "key": <JWE>}, or {"id", "owner", "erased": true}; with "lost": true as well when
nobody erased it, and its provider has it no more.
"""

from datetime import UTC, datetime

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.contracts.errors import Poison
from shared.contracts.person_key import ID, PersonKey
from shared.eventstore.person_keys import GivenKey
from shared.standards import base64url

HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}
REGISTRY = jwe.JWERegistry(algorithms=list(HEADER.values()))
LONGEST_OWNER = 300


def private_key(secret: bytes) -> OKPKey:
    """Of 32 random bytes."""
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "X25519", "d": base64url.encode(secret), "x": public_text(secret)},
    )


def public_text(secret: bytes) -> str:
    """The public key that others encrypt for: 32 bytes in base64url."""
    return base64url.encode(X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def public_key(text: str) -> OKPKey:
    """Raises ValueError: it is none, or one with which no secret can be agreed upon (RFC 7748, 6.1)."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(base64url.decode(text)))
        key = OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": text})
    except (JoseError, TypeError, ValueError):
        key = None
    if key is None:
        raise ValueError("no public key of X25519")
    return key


def message(key: GivenKey, reader: OKPKey) -> bytes:
    told: dict[str, object] = {"id": key.id, "owner": key.owner}
    if key.secret is None:
        return orjson.dumps(told | {"erased": True} | ({"lost": True} if key.is_lost else {}))
    if key.made_at is not None:
        told["made_at"] = key.made_at.astimezone(UTC).isoformat()
    return orjson.dumps(told | {"key": jwe.encrypt_compact(HEADER, key.secret, reader, registry=REGISTRY)})


def read(body: bytes, own: OKPKey) -> GivenKey:
    """Raises Poison: it tells of no key, or is for somebody else."""
    try:
        told = orjson.loads(body)
        id, owner, is_erased = told["id"], told["owner"], told.get("erased") is True
        secret = None if is_erased else jwe.decrypt_compact(told["key"], own, registry=REGISTRY).plaintext
        if ID.fullmatch(id) and _is_owner(owner):
            secret = None if secret is None else PersonKey(id, secret).content
            return GivenKey(id, owner, secret, _made_at(told.get("made_at")), is_erased and told.get("lost") is True)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        pass
    raise Poison("a message tells of no key, or not to us")


def _made_at(told: str | None) -> datetime | None:
    """Raises ValueError, TypeError, OverflowError: it is no time."""
    return None if told is None else datetime.fromisoformat(told).astimezone(UTC)


def _is_owner(told: object) -> bool:
    return isinstance(told, str) and 0 < len(told) <= LONGEST_OWNER and told.isprintable()
