"""An aggregate's state as JSON and back, by its type: the one that `evolve` says it returns.

Nothing is taken on trust: a state is only written if reading it back gives the very same, so whatever pydantic would
read as something else (two classes of the same fields, a set that became a list) is not written at all.
"""

import types
import typing
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, PydanticUserError, TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


class StateJson:
    """Of one aggregate."""

    def __init__(self, adapters: Mapping[str, TypeAdapter[Any]]) -> None:
        self._adapters = adapters

    def write(self, state: object) -> tuple[str, str] | None:
        """Its kind and its JSON; None when reading them would not give the same."""
        kind = type(state).__name__
        kind = kind if kind in self._adapters else ""
        adapter = self._adapters.get(kind)
        if adapter is None:
            return None
        try:
            # what pydantic would warn of (a mapping that is no dict) is no matter: the comparison decides
            text = adapter.dump_json(state, warnings=False, fallback=_as_dict).decode()
            return (kind, text) if same(adapter.validate_json(text), state) else None
        except ValueError:  # pydantic's: it is not of its type
            return None

    def read(self, kind: str, text: str) -> Any:
        """Raises ValueError when it is no such state."""
        adapter = self._adapters.get(kind)
        if adapter is None:
            raise ValueError(f"no state is called {kind}")
        return adapter.validate_json(text)


def state_json(aggregate: Aggregate[Any, Any]) -> StateJson | None:
    """None when its states cannot be written: `evolve` says no type, or one that JSON cannot hold."""
    return _of(aggregate.evolve)


@lru_cache(maxsize=256)
def _of(evolve: Callable[[Any, Event], Any]) -> StateJson | None:
    """By its `evolve`: an aggregate whose initial state holds a dict cannot be looked up."""
    try:
        state = typing.get_type_hints(evolve, include_extras=True).get("return", Any)
        if state is Any or isinstance(state, typing.TypeVar):
            return None
        is_union = get_origin(state) in (typing.Union, types.UnionType)
        members = get_args(state) if is_union else (state,)
        named = {member.__name__: TypeAdapter(member) for member in members if isinstance(member, type)}
        if len(named) < len(members):
            named[""] = TypeAdapter(state)
        return StateJson(named)
    except (NameError, TypeError, PydanticUserError, PydanticUndefinedAnnotation):
        return None


def _as_dict(value: object) -> object:
    """Of a mapping that may not be changed; pydantic knows no other."""
    if isinstance(value, types.MappingProxyType):
        return dict(value)
    raise ValueError(f"{type(value).__name__} is not kept")


def same(one: Any, other: Any) -> bool:
    """Whether they are equal in every part, and of the same types; a mapping is a mapping."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return len(one) == len(other) and all(key in other and same(one[key], other[key]) for key in one)
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, BaseModel):
        return same(dict(one), dict(other))
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, AbstractSet):
        kinds, others = ({(type(member), member) for member in members} for members in (one, other))
        return kinds == others
    return bool(one == other)
