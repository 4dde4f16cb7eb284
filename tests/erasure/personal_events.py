"""Events of every kind about one person, with something to look for in each personal field; and the same, erased."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID, uuid5

from deploy.compatibility.golden import FOLDER, read_all
from shared.contracts.case_items import Words
from shared.contracts.erasure import PersonErased
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.registry import Registry
from shared.eventstore.read_model import ReadModel
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

PERSON = UUID(int=0xE7A5ED)
NUMBER, PHONE, WORDS = "11010519491231002X", "13912345678", "柳如烟"
SEEDS = (NUMBER, PHONE, WORDS, "110105********002X", "柳**", "1949-12-31")
PEOPLE = {"person", "citizen", "recipient", "applicant", "principal", "agent", "householder", "payee", "uploaded_by"}
OWNERS = ("newborn", "marriage", "mandate")
"""Fields with the id of another owner than a person."""

_EXAMPLES = {type: golden.examples[-1] for (type, _), golden in sorted(read_all(FOLDER).items())}


def filled(registry: Registry, model: ReadModel, *, without: str | None = None) -> list[Recorded]:
    """One event of each kind that the read model takes. `without`: the field that is none, where it may be."""
    kinds = [kind for kind in model.events if not issubclass(kind, PersonErased)]
    return [_recorded(registry, _example(registry, kind, without), n) for n, kind in enumerate(kinds, 1)]


def erased(event: Recorded) -> Recorded:
    """As it comes once its keys are gone."""
    fields = {
        name: empty_of(type(event.data).model_fields[name].annotation) for name in type(event.data).personal_fields()
    }
    return Recorded(**{**_values(event), "data": event.data.model_copy(update=fields)})


def erasing(registry: Registry, model: ReadModel, department: str) -> Recorded | None:
    """The event by which that department erases the person. None: the read model does not take it."""
    for kind in model.events:
        if issubclass(kind, PersonErased) and registry.type_of(kind).startswith(f"{department}."):
            also = tuple(str(id_of(name)) for name in OWNERS)
            told = kind(person=PERSON, request=id_of("request"), also=also, erased_at=datetime.now(UTC))
            return _recorded(registry, told, 1)
    return None


def department_of(registry: Registry, event: type[Event]) -> str:
    return registry.type_of(event).partition(".")[0]


def id_of(name: str) -> UUID:
    """Of the one thing of this kind that all events are about."""
    return PERSON if name in PEOPLE else uuid5(PERSON, name)


def empty_of(annotation: Any) -> object:
    """Stated again here, so that a test does not believe what it tests."""
    if get_origin(annotation) is Annotated:
        return empty_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return None
    kind = get_origin(annotation) or annotation
    if issubclass(kind, str):
        return str.__new__(kind, "")
    if issubclass(kind, Words):
        return Words(zh="", en="")
    return {tuple: (), dict: {}, int: 0}[kind]


def _example(registry: Registry, kind: type[Event], without: str | None) -> Event:
    name = registry.type_of(kind)
    plain = registry.decode(name, kind.schema_version, _EXAMPLES[name])
    values: dict[str, object] = {}
    for field, info in kind.model_fields.items():
        if field == without and type(None) in get_args(info.annotation):
            values[field] = None
        elif field in kind.personal_fields():
            values[field] = _seeded(info.annotation, getattr(plain, field))
        elif isinstance(getattr(plain, field), UUID) or info.annotation is UUID:
            values[field] = id_of(field)
        elif field == "payee":
            values[field] = str(PERSON)
        elif field == "persons":
            values[field] = (PERSON,) if isinstance(plain.persons, tuple) else {"mother": PERSON}  # type: ignore[attr-defined]
    return plain.model_copy(update=values)


def _seeded(annotation: Any, example: object) -> object:
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    kind = get_origin(annotation) or annotation
    match kind:
        case _ if kind is IdNumber or kind is MobileNumber:
            return kind(NUMBER if kind is IdNumber else PHONE)
        case _ if issubclass(kind, str):
            return kind(WORDS)
        case _ if issubclass(kind, Words):
            return Words(zh=WORDS, en=WORDS)
        case _ if kind is dict and get_args(annotation)[1] is Words:
            return {"name": Words(zh=WORDS, en=WORDS)}
        case _ if issubclass(kind, dict):
            return {"birth_date": "1949-12-31", "birth_order": "first", "name": WORDS, "id_number": NUMBER}
        case _:
            return example


def _recorded(registry: Registry, event: Event, version: int) -> Recorded:
    kind = registry.type_of(type(event))
    stream, at = f"{kind.partition('.')[2]}-{PERSON}", datetime(2023, 12, 23, tzinfo=UTC)
    return Recorded(uuid5(PERSON, kind), stream, version, kind, event, Metadata(), at)


def _values(event: Recorded) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in Recorded.__slots__}


def lives(registry: Registry, model: ReadModel) -> Iterator[list[Recorded]]:
    """Ever more of what may happen to the person, in the order that the read model names it; and what is not told."""
    for without in (None, "agent"):
        whole = filled(registry, model, without=without)
        yield from (whole[:many] for many in range(1, len(whole) + 1))
