"""One person's key at one department, or the parts of it that a reader is given, and what is sealed under it.

    content       32 bytes for the whole key; else JSON {"<feed>": <key>, "<feed>.<field>": <key>}, in base64url
    of a feed     HMAC-SHA256(whole, "feed <feed>"); feed: its local name, "" for what is public in none
    of a field    HMAC-SHA256(key of the feed, "field <field>")
    sealed        "<id>.<base64url of hash, ciphertext and tag>"

The hash is HMAC-SHA256 over the event's id, the field's name and the value, cut to 28 bytes; its first twelve are the
nonce of AES-256-GCM. So a sealed field is a salted hash of its value as well: whoever can open it can prove what the
event says there, and no other key opens it to another value.
"""

import hmac
import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.contracts.errors import Poison
from shared.contracts.event import Json
from shared.standards import base64url

KEY_BYTES: Final = 32
HASH_BYTES: Final = 28
NONCE_BYTES: Final = 12
ID_BYTES: Final = 8
MOST_PARTS: Final = 1000
ID: Final = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)

FieldKeys = Mapping[str, frozenset[str] | None]
"""By a feed's local name the fields that a reader is given. None: all of them."""


class PersonKey:
    """Raises ValueError for content that is no key."""

    __slots__ = ("_fields", "_parts", "content", "id")

    def __init__(self, id: str, content: bytes) -> None:
        self.id = id
        self.content = content
        self._parts = None if len(content) == KEY_BYTES else _parts(content)
        self._fields: dict[tuple[str, str], _FieldKey | None] = {}

    @property
    def is_whole(self) -> bool:
        return self._parts is None

    def seal(self, value: bytes, event: bytes, feed: str, field: str) -> Json:
        """What stands in the field's place. `event`: its id. Of a whole key only."""
        key = self._of(feed, field)
        assert key is not None
        return {"sealed": f"{self.id}.{base64url.encode(key.seal(value, event + field.encode()))}"}

    def open(self, sealed: str, event: bytes, feed: str, field: str) -> bytes | None:
        """The value. None: the field is not given to us. Raises Poison: it is no field of this event."""
        key = self._of(feed, field)
        return None if key is None else key.open(sealed, event + field.encode())

    def part(self, given: FieldKeys, feeds: Iterable[str]) -> bytes:
        """The content of what a reader is given: the whole key if it is given all fields of its feeds, else for these
        feeds what it is given of them.
        """
        if all(fields is None for fields in given.values()):
            return self.content
        parts: dict[str, bytes] = {}
        for feed in feeds:
            fields = given[feed]
            if fields is None:
                parts[feed] = _of_feed(self.content, feed)
            else:
                parts |= {f"{feed}.{field}": _of_field(_of_feed(self.content, feed), field) for field in fields}
        return orjson.dumps({name: base64url.encode(key) for name, key in sorted(parts.items())})

    def _of(self, feed: str, field: str) -> "_FieldKey | None":
        try:
            return self._fields[feed, field]
        except KeyError:
            secret = self._secret(feed, field)
            found = self._fields[feed, field] = None if secret is None else _FieldKey(secret)
            return found

    def _secret(self, feed: str, field: str) -> bytes | None:
        if self._parts is None:
            return _of_field(_of_feed(self.content, feed), field)
        if feed in self._parts:
            return _of_field(self._parts[feed], field)
        return self._parts.get(f"{feed}.{field}")


class _FieldKey:
    __slots__ = ("_cipher", "_hashing")

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(secret, b"encrypt", "sha256"))
        self._hashing = hmac.digest(secret, b"hash", "sha256")

    def seal(self, value: bytes, bound: bytes) -> bytes:
        hashed = self._hash(value, bound)
        return hashed + self._cipher.encrypt(hashed[:NONCE_BYTES], value, bound)

    def open(self, sealed: str, bound: bytes) -> bytes:
        try:
            content = base64url.decode(sealed)
            hashed = content[:HASH_BYTES]
            value = self._cipher.decrypt(hashed[:NONCE_BYTES], content[HASH_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise Poison("a sealed field does not open with its key") from None
        if not hmac.compare_digest(hashed, self._hash(value, bound)):
            raise Poison("a sealed field does not open with its key")
        return value

    def _hash(self, value: bytes, bound: bytes) -> bytes:
        return hmac.digest(self._hashing, len(bound).to_bytes(4) + bound + value, "sha256")[:HASH_BYTES]


def new_key() -> PersonKey:
    return PersonKey(base64url.encode(os.urandom(ID_BYTES)), os.urandom(KEY_BYTES))


def _parts(content: bytes) -> dict[str, bytes]:
    told = orjson.loads(content)
    if not isinstance(told, dict) or len(told) > MOST_PARTS:
        raise ValueError("no parts of a key")
    parts = {name: base64url.decode(key) for name, key in told.items() if isinstance(key, str)}
    if len(parts) < len(told) or any(len(key) != KEY_BYTES for key in parts.values()):
        raise ValueError("no parts of a key")
    return parts


def _of_feed(whole: bytes, feed: str) -> bytes:
    return hmac.digest(whole, f"feed {feed}".encode(), "sha256")


def _of_field(key: bytes, field: str) -> bytes:
    return hmac.digest(key, f"field {field}".encode(), "sha256")
