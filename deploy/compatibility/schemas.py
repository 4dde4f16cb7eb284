"""What changed between two JSON Schemas of one event, and whom it hurts.

Two readers must be served by one schema number: this release reads what older ones stored, and older subscribers read
what this release sends. So nearly every change of a field is one too many. A new optional field is not: the one finds
it missing, the other passes it over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

SAID = frozenset({"title", "description", "examples"})  # for people; readers do not mind
NAMED = frozenset({"properties", "$defs"})  # hold schemas by names of our own, which may be any word


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence. `is_harmful`: not under the same schema number."""

    text: str
    is_harmful: bool = True


def plain(schema: Schema) -> dict[str, Any]:
    """Without what is only said to people, references put in their places."""
    return _plain(schema, schema.get("$defs", {}), ())


def _plain(schema: Schema, defs: Mapping[str, Schema], within: tuple[str, ...]) -> dict[str, Any]:
    schema = {key: value for key, value in schema.items() if key not in SAID and key != "$defs"}
    if reference := schema.pop("$ref", None):
        name = reference.rpartition("/")[2]
        # a type that holds itself is named the second time; the first tells how it is
        return schema | ({"$ref": reference} if name in within else _plain(defs[name], defs, (*within, name)))
    return {key: _plain_value(key, value, defs, within) for key, value in schema.items()}


def _plain_value(key: str, value: Any, defs: Mapping[str, Schema], within: tuple[str, ...]) -> Any:
    if key in NAMED:
        return {name: _plain(one, defs, within) for name, one in value.items()}
    if isinstance(value, dict) and key != "default":
        return _plain(value, defs, within)
    if isinstance(value, list) and key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        return [_plain(one, defs, within) for one in value]
    return value


def changes(old: Schema, new: Schema) -> list[Change]:
    """Of two plain schemas."""
    return list(_changes(old, new, ""))


def _changes(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """What is done with each keyword of a schema; one that is not known counts as harmful when it changes."""
    if old == new:
        return
    here = f"field {path}" if path else "the event"
    known = {"properties", "required", "enum", "items", "additionalProperties", "anyOf", "x-personal"}
    yield from _fields(old, new, path)
    yield from _values(old, new, here)
    yield from _mark(old, new, here)
    for keyword in ("items", "additionalProperties"):
        inner_old, inner_new = old.get(keyword), new.get(keyword)
        if isinstance(inner_old, Mapping) and isinstance(inner_new, Mapping):
            yield from _changes(inner_old, inner_new, f"{path}[]")
        elif inner_old != inner_new:
            yield Change(f"{here} was of another type: what it may hold has changed")
    yield from _alternatives(old, new, path, here)
    for keyword in sorted((old.keys() | new.keys()) - known):
        if old.get(keyword) != new.get(keyword):
            yield Change(f"{here}: {keyword} was {_told(old, keyword)} and is {_told(new, keyword)}")


def _told(schema: Schema, keyword: str) -> str:
    return repr(schema[keyword]) if keyword in schema else "not there"


def _fields(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, now = old.get("properties", {}), new.get("properties", {})
    must_before, must_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in [*before, *(name for name in now if name not in before)]:
        field = f"{path}.{name}" if path else name
        if name not in now:
            yield Change(f"field {field} was removed (or renamed): subscribers read it, and stored events hold it")
        elif name not in before:
            required = name in must_now
            text = "is new and required: stored events do not have it" if required else "is new"
            yield Change(f"field {field} {text}", is_harmful=required)
        else:
            if name in must_now - must_before:
                yield Change(f"field {field} was optional and is required: stored events may not have it")
            if name in must_before - must_now:
                yield Change(f"field {field} was required and is optional: older subscribers cannot do without it")
            yield from _changes(before[name], now[name], field)


def _values(old: Schema, new: Schema, here: str) -> Iterator[Change]:
    before, now = old.get("enum"), new.get("enum")
    if before is None or now is None:
        if before != now:
            yield Change(f"{here} was of another type: it {'has' if now else 'had'} fixed values")
        return
    for value in before:
        if value not in now:
            yield Change(f"{here} may no longer be {value!r}: stored events say so")
    for value in now:
        if value not in before:
            yield Change(f"{here} may now be {value!r}: older subscribers cannot read that")


def _mark(old: Schema, new: Schema, here: str) -> Iterator[Change]:
    before, now = old.get("x-personal", False), new.get("x-personal", False)
    if before and not now:
        yield Change(f"{here} is no longer marked Personal: what is stored of it would lose its protection")
    elif now and not before:
        yield Change(f"{here} is marked Personal now", is_harmful=False)


def _alternatives(old: Schema, new: Schema, path: str, here: str) -> Iterator[Change]:
    before, now = old.get("anyOf"), new.get("anyOf")
    if before == now:
        return
    if before is None or now is None or len(before) != len(now):
        yield Change(f"{here} was of another type: what it may be instead has changed")
        return
    for one_before, one_now in zip(before, now, strict=True):
        yield from _changes(one_before, one_now, path)
