"""A sealed field: a field of an event as it is stored and sent, encrypted under a key of one person.

In the event's JSON `{"sealed": "<key id>.<content>"}` stands in the field's place, see `person_key`; bound to the
event's id and the field's name, so it opens nowhere else. Personal fields are sealed, and those that are withheld from
a subscriber. A field that is empty (null, "", {} or []) tells nothing and stands as it is.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidatorFunctionWrapHandler, WrapValidator, create_model
from pydantic.fields import FieldInfo

from shared.contracts.erasure import PersonErased
from shared.contracts.errors import Broken, Poison, Unavailable
from shared.contracts.event import OF_THE_STREAM, Event, Json
from shared.contracts.person_key import PersonKey

MARK = '"sealed"'
"""Stands in every JSON text that holds a sealed field."""

_ID = re.compile(r'"sealed"\s*:\s*"([A-Za-z0-9_-]{11})\.')
_ID_BYTES = re.compile(_ID.pattern.encode())
ID_LENGTH = 11


class KeyNotHere(Unavailable):
    """A field's key is not here yet: wait for it. One that was erased is no such case."""


class Gone:
    """Stands for the value of a field that cannot be read."""


ERASED = Gone()
"""Its key was erased: it reads as empty, a number as 0."""
WITHHELD = Gone()
"""It is not given to us: it reads as empty where it is text or a list of something, else as None."""


class Sealing(Protocol):
    """The keys of one department: its own, and those that neighbours gave it."""

    async def make_ready(self, owners: Mapping[str, set[str]]) -> None:
        """Have an own key at hand for each owner. The value: the public feeds in which its fields go out."""
        ...

    def doubt(self, owners: Iterable[str]) -> None:
        """Look their keys up once more before anything is sealed: what was sealed could not be stored."""
        ...

    def key_for(self, owner: str) -> PersonKey:
        """After `make_ready`."""
        ...

    async def learn(self, ids: Iterable[str], provider: str | None = None) -> set[str]:
        """Have these keys of a provider at hand; None: own ones. Returns those that are not here."""
        ...

    def key(self, id: str, provider: str | None = None) -> PersonKey | None:
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


def key_ids(text: str | bytes) -> set[str]:
    """Ids of the keys under which fields of a JSON text are sealed; perhaps more, never fewer."""
    if isinstance(text, str):
        return set(_ID.findall(text)) if MARK in text else set()
    return {id.decode() for id in _ID_BYTES.findall(text)} if MARK.encode() in text else set()


def owners_of(event: Event, stream: str, withheld: Collection[str] = ()) -> dict[str, str]:
    """For each field that is to be sealed, and has something in it, the owner of its key: a person's id, else the
    stream's. `withheld`: names of fields that some subscriber is not given.
    """
    kind, subject = type(event), stream.partition("-")[2]
    of = _person_fields(kind)
    if withheld:
        own = kind.own_person_field() or OF_THE_STREAM
        of = {**dict.fromkeys(may_be_withheld(kind) & {*withheld}, own), **of}
    return {
        name: str((getattr(event, field) if field else None) or subject)
        for name, field in of.items()
        if not _is_empty(getattr(event, name))
    }


def may_be_withheld(kind: type[Event]) -> frozenset[str]:
    """Names of fields: all but those that tell whose it is. Of an erasure none."""
    return frozenset() if issubclass(kind, PersonErased) else _may_be_withheld(kind)


def sealed(
    event: Event, text: str, id: UUID, stream: str, feed: str, sealing: Sealing, withheld: Collection[str] = ()
) -> tuple[str, frozenset[str]]:
    """The event's JSON with its fields sealed, and the ids of their keys. `feed`: its local name, "" for none."""
    owners = owners_of(event, stream, withheld)
    if not owners:
        return text, frozenset()
    values = orjson.loads(text)
    keys = {owner: sealing.key_for(owner) for owner in owners.values()}
    for name, owner in owners.items():
        values[name] = keys[owner].seal(orjson.dumps(values[name]), id.bytes, feed, name)
    return orjson.dumps(values).decode(), frozenset(key.id for key in keys.values())


def opened(
    values: Json, id: UUID | None, feed: str, provider: str | None, sealing: Sealing
) -> tuple[Json, frozenset[str]]:
    """The values with their sealed fields opened, and the names of those that were erased or are not given to us.

    Raises KeyNotHere; Poison for a field that does not open.
    """
    plain, gone = dict(values), []
    for name, value in values.items():
        if not isinstance(value, dict) or len(value) != 1 or "sealed" not in value:
            continue
        parts = _parts(value["sealed"])
        if parts is None:
            raise Poison("a sealed field cannot be read")
        key = sealing.key(parts[0], provider)
        plain[name] = ERASED if key is None else _read(key.open(parts[1], id.bytes if id else b"", feed, name))
        if isinstance(plain[name], Gone):
            gone.append(name)
    return plain, frozenset(gone)


def _read(value: bytes | None) -> object:
    return WITHHELD if value is None else orjson.loads(value)


def opens(key: PersonKey, values: Json, id: UUID, feed: str) -> bool:
    """Whether it is a whole key, and opens a field of an event."""
    for name, value in values.items():
        parts = _parts(value["sealed"]) if isinstance(value, dict) and "sealed" in value else None
        if parts and parts[0] == key.id and key.is_whole:
            with suppress(Poison):
                key.open(parts[1], id.bytes, feed, name)
                return True
    return False


def _parts(told: object) -> tuple[str, str] | None:
    """Of a sealed field the key's id and the content. None: it has none."""
    if not isinstance(told, str) or told[ID_LENGTH : ID_LENGTH + 1] != ".":
        return None
    return told[:ID_LENGTH], told[ID_LENGTH + 1 :]


def left_empty(kind: type[Event], values: Json) -> tuple[Json, frozenset[str]]:
    """An event that was decided from what had been erased holds empty text where its type knows none, as an ID number:
    that reads as erased as well. The names of such fields."""
    names = [name for name in _never_empty(kind) if values.get(name) == ""]
    return ({**values, **dict.fromkeys(names, ERASED)} if names else values), frozenset(names)


def may_be_left_empty(kind: type[Event], text: str) -> bool:
    """Whether a JSON text of the event may hold such a field."""
    return ':""' in text and bool(_never_empty(kind))


def validated(kind: type[Event], values: Json) -> Event:
    """An event of which some fields are Gone. Raises ValidationError."""
    gone = frozenset(name for name, value in values.items() if isinstance(value, Gone))
    read = _erasable(kind, gone).model_validate(values, extra="ignore")
    return kind.model_construct(read.model_fields_set, **{name: getattr(read, name) for name in kind.model_fields})


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
def _may_be_withheld(kind: type[Event]) -> frozenset[str]:
    return frozenset(kind.model_fields) - {kind.own_person_field(), *_person_fields(kind).values()}


@lru_cache(1000)
def _erasable(kind: type[Event], gone: frozenset[str]) -> type[BaseModel]:
    """The event's model, which takes what is Gone in these fields."""
    fields: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        annotation: Any = field.rebuild_annotation()
        if name in gone:
            annotation = Annotated[annotation, WrapValidator(_or_empty(_empty_or_none(field), _withheld(field)))]
        default = ... if field.is_required() else field.get_default(call_default_factory=True)
        fields[name] = (annotation, default)
    return create_model(f"Erasable{kind.__name__}", __base__=Event, **fields)


def _or_empty(empty: object, withheld: object) -> Any:
    def take(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        return empty if value is ERASED else withheld if value is WITHHELD else validate(value)

    return take


def _empty_or_none(field: FieldInfo) -> object:
    try:
        return empty_of(field.annotation)
    except Broken:
        return None if field.is_required() else field.get_default(call_default_factory=True)


def _withheld(field: FieldInfo) -> object:
    empty = _empty_or_none(field)
    return empty if isinstance(empty, str | tuple | Mapping) else None


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
