"""A sealed field: a personal field of an event as it is stored and sent, encrypted under a key of one person.

In the event's JSON `{"sealed": "<key id>.<base64url of nonce, ciphertext and tag>"}` stands in the field's place.
AES-256-GCM over the field's JSON; bound to the event's id and the field's name, so it opens nowhere else. A field that
is empty (null, "", {} or []) tells nothing and stands as it is.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ValidatorFunctionWrapHandler, WrapValidator, create_model

from shared.contracts.errors import Broken, Poison, Unavailable
from shared.contracts.event import Event, Json
from shared.standards import base64url

MARK = '"sealed"'
"""Stands in every JSON text that holds a sealed field."""

KEY_BYTES, NONCE_BYTES = 32, 12
ID_BYTES = 8
ID = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_ID = re.compile(r'"sealed"\s*:\s*"([A-Za-z0-9_-]{11})\.')
_ID_BYTES = re.compile(_ID.pattern.encode())
_SEALED = re.compile(r"([A-Za-z0-9_-]{11})\.([A-Za-z0-9_-]{38,})", re.ASCII)


class KeyNotHere(Unavailable):
    """A field's key is not here yet: wait for it. One that was erased is no such case."""


class Erased:
    """Stands for the value of a field whose key was erased."""


ERASED = Erased()


class Sealing(Protocol):
    """The keys of one department: its own, and those that neighbours gave it."""

    async def make_ready(self, owners: Mapping[str, set[str]]) -> None:
        """Have an own key at hand for each owner. The value: the public feeds in which its fields go out."""
        ...

    def key_for(self, owner: str) -> "FieldKey":
        """After `make_ready`."""
        ...

    async def learn(self, ids: Iterable[str], provider: str | None = None) -> set[str]:
        """Have these keys of a provider at hand; None: own ones. Returns those that are not here."""
        ...

    def key(self, id: str, provider: str | None = None) -> "FieldKey | None":
        """After `learn`. None: it was erased. Raises KeyNotHere."""
        ...

    def look_anew(self) -> None:
        """Keys may have been erased: what is at hand is not believed."""
        ...

    def need(self, ids: Iterable[str], feed: str) -> None:
        """The provider of a feed is to be asked for keys that are not here."""
        ...

    async def note_missing(self, ids: Iterable[str], feed: str) -> None:
        """The same, from a process that takes in no keys itself."""
        ...

    async def more(self, seconds: float) -> None:
        """Returns when further keys have come, or after so long."""
        ...


class FieldKey:
    """One person's key at one department."""

    __slots__ = ("_cipher", "id", "secret")

    def __init__(self, id: str, secret: bytes) -> None:
        self.id = id
        self.secret = secret
        self._cipher = AESGCM(secret)

    def sealed(self, value: bytes, bound: bytes) -> Json:
        nonce = os.urandom(NONCE_BYTES)
        return {"sealed": f"{self.id}.{base64url.encode(nonce + self._cipher.encrypt(nonce, value, bound))}"}

    def opened(self, content: str, bound: bytes) -> bytes:
        """Raises Poison: it is no field of this event."""
        try:
            sealed = base64url.decode(content)
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise Poison("a sealed field does not open with its key") from None


def new_key() -> FieldKey:
    return FieldKey(base64url.encode(os.urandom(ID_BYTES)), AESGCM.generate_key(KEY_BYTES * 8))


def key_ids(text: str | bytes) -> set[str]:
    """Ids of the keys under which fields of a JSON text are sealed; perhaps more, never fewer."""
    if isinstance(text, str):
        return set(_ID.findall(text)) if MARK in text else set()
    return {id.decode() for id in _ID_BYTES.findall(text)} if MARK.encode() in text else set()


def owners_of(event: Event, stream: str) -> dict[str, str]:
    """For each personal field with something in it the owner of its key: a person's id, else the stream's."""
    subject = stream.partition("-")[2]
    owners = {}
    for name, of in _person_fields(type(event)).items():
        if not _is_empty(getattr(event, name)):
            owners[name] = str((getattr(event, of) if of else None) or subject)
    return owners


def sealed(event: Event, text: str, id: UUID, stream: str, sealing: Sealing) -> str:
    """The event's JSON with its personal fields sealed."""
    owners = owners_of(event, stream)
    if not owners:
        return text
    values = orjson.loads(text)
    for name, owner in owners.items():
        values[name] = sealing.key_for(owner).sealed(orjson.dumps(values[name]), _bound(id, name))
    return orjson.dumps(values).decode()


def opened(
    kind: type[Event], values: Json, id: UUID | None, provider: str | None, sealing: Sealing
) -> tuple[Json, frozenset[str]]:
    """The values with their sealed fields opened, and the names of those that were erased.

    Raises KeyNotHere; Poison for a field that does not open.
    """
    plain, erased = dict(values), []
    for name in kind.personal_fields():
        value = values.get(name)
        if not isinstance(value, dict) or value.keys() != {"sealed"}:
            continue
        parts = _parts(value["sealed"])
        if parts is None:
            raise Poison("a sealed field cannot be read")
        key = sealing.key(parts[0], provider)
        if key is None:
            plain[name] = ERASED
            erased.append(name)
        else:
            plain[name] = orjson.loads(key.opened(parts[1], _bound(id, name)))
    return plain, frozenset(erased)


def opens(key: FieldKey, values: Json, id: UUID) -> bool:
    """Whether it opens a field of an event."""
    for name, value in values.items():
        parts = _parts(value["sealed"]) if isinstance(value, dict) and "sealed" in value else None
        if parts and parts[0] == key.id:
            with suppress(Poison):
                key.opened(parts[1], _bound(id, name))
                return True
    return False


def _parts(told: object) -> tuple[str, str] | None:
    """Of a sealed field the key's id and the content. None: it has none."""
    found = _SEALED.fullmatch(told) if isinstance(told, str) else None
    return (found[1], found[2]) if found else None


def left_empty(kind: type[Event], values: Json) -> tuple[Json, frozenset[str]]:
    """An event that was decided from what had been erased holds empty text where its type knows none, as an ID number:
    that reads as erased as well. The names of such fields."""
    names = frozenset(name for name in _never_empty(kind) if values.get(name) == "")
    return ({**values, **dict.fromkeys(names, ERASED)} if names else values), names


def may_be_left_empty(kind: type[Event], text: str) -> bool:
    """Whether a JSON text of the event may hold such a field."""
    return ':""' in text and bool(_never_empty(kind))


def validated(kind: type[Event], values: Json) -> Event:
    """An event of which some fields are ERASED: they come out empty. Raises ValidationError."""
    read = _erasable(kind).model_validate(values, extra="ignore")
    return kind.model_construct(read.model_fields_set, **{name: getattr(read, name) for name in kind.model_fields})


def _bound(id: UUID | None, field: str) -> bytes:
    return f"{id}.{field}".encode()


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | Mapping | tuple | list) and not value)


@cache
def _never_empty(kind: type[Event]) -> frozenset[str]:
    empty = {name: empty_of(kind.model_fields[name].annotation) for name in kind.personal_fields()}
    return frozenset(name for name, value in empty.items() if isinstance(value, str) and type(value) is not str)


@cache
def _person_fields(kind: type[Event]) -> Mapping[str, str]:
    return kind.person_fields()


@cache
def _erasable(kind: type[Event]) -> type[BaseModel]:
    """The event's model, which takes ERASED in its personal fields."""
    fields: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        annotation: Any = field.rebuild_annotation()
        if name in kind.personal_fields():
            annotation = Annotated[annotation, WrapValidator(_or_empty(empty_of(field.annotation)))]
        default = ... if field.is_required() else field.get_default(call_default_factory=True)
        fields[name] = (annotation, default)
    return create_model(f"Erasable{kind.__name__}", __base__=Event, **fields)


def _or_empty(empty: object) -> Any:
    def take(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        return empty if value is ERASED else validate(value)

    return take


def empty_of(annotation: Any) -> object:
    """The value that replaces an erased one of this type. Raises Broken for a type without an empty value."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return empty_of(get_args(annotation)[0])
    if origin in (Union, UnionType) and NoneType in get_args(annotation):
        return None
    kind = origin or annotation
    if isinstance(kind, type):
        if issubclass(kind, str):
            return str.__new__(kind, "")
        if issubclass(kind, tuple):
            return ()
        if issubclass(kind, Mapping):
            return {}
        if kind is int:
            return 0
        if issubclass(kind, BaseModel):
            return kind.model_validate({name: empty_of(field.annotation) for name, field in kind.model_fields.items()})
    raise Broken(f"a personal field of type {annotation} has no empty value, so it cannot be erased")
