"""What is there: the ids that lists show, found by asking every list as everybody."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from tests.doors.described import known_as
from tests.doors.rows import lets_in, powers_of
from tests.doors.town import ANOTHER, NOBODY, OWNER, PATIENT, TENANT, Town

MOST = 20  # of a kind


def find_things(town: Town) -> None:
    """Fill `town.things` and `town.owned`. A kind is what path parameters call it."""
    leave_drafts(town)
    for department in town.addresses:
        schema = town.schema(department)
        kinds = {known_as(path, one["name"]) for path, item in schema["paths"].items() for one in path_parameters(item)}
        seen = {who: _seen(town, department, schema, kinds, who) for who in (NOBODY, *town.callers)}
        for kind in kinds:
            every = dict.fromkeys(id for found in seen.values() for id in found[kind])
            town.things.setdefault((department, kind), tuple(list(every)[:MOST]))
            anothers = {*seen[NOBODY][kind], *seen[ANOTHER][kind]}
            for owner in (OWNER, TENANT, PATIENT):
                for id in seen[owner][kind]:
                    if id not in anothers:
                        town.owned.setdefault((department, kind), (owner, id))


def leave_drafts(town: Town) -> None:
    """Of the owner, in each department that keeps some."""
    with town.client(OWNER) as client:
        for department, draft in (
            ("certificates", {"type": "residence", "form": {}, "evidence": {}}),
            ("cases", {"definition": "birth", "form": {}}),
        ):
            client.put(f"{town.addresses[department]}/drafts/{uuid4()}", json=draft).raise_for_status()


Seen = Mapping[str, dict[str, None]]


def _seen(town: Town, department: str, schema: Mapping[str, Any], kinds: Iterable[str], who: str) -> Seen:
    found: dict[str, dict[str, None]] = {kind: {} for kind in kinds}
    with town.client(who) as client:
        for path, item in schema["paths"].items():
            row = powers_of(department)[f"GET {path}"] if "get" in item and "{" not in path else None
            if row is not None and lets_in(row, town.callers.get(who), department):
                answer = client.get(f"{town.addresses[department]}{path}")
                if answer.is_success and "json" in answer.headers.get("content-type", ""):
                    _walk(answer.json(), found)
    return found


def path_parameters(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        one
        for operation in item.values()
        if isinstance(operation, dict)
        for one in operation.get("parameters", ())
        if one["in"] == "path"
    ]


def _walk(value: Any, found: Mapping[str, dict[str, None]]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in found and isinstance(inner, str | int) and not isinstance(inner, bool):
                found[name][str(inner)] = None
            _walk(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, found)
