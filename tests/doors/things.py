"""What is there: the ids that lists show, found by asking every list as everybody."""

from collections.abc import Mapping
from typing import Any

from tests.doors.described import known_as
from tests.doors.town import NOBODY, Town

MOST = 20  # of a kind


def find_things(town: Town) -> None:
    """Fill `town.things`. A kind is what path parameters call it."""
    for department in town.addresses:
        schema = town.schema(department)
        kinds = {known_as(path, one["name"]) for path, item in schema["paths"].items() for one in path_parameters(item)}
        found: dict[str, dict[str, None]] = {kind: {} for kind in kinds}
        for who in (NOBODY, *town.callers):
            with town.client(who) as client:
                for path, item in schema["paths"].items():
                    if "get" in item and "{" not in path:
                        answer = client.get(f"{town.addresses[department]}{path}")
                        if answer.is_success and "json" in answer.headers.get("content-type", ""):
                            _walk(answer.json(), found)
        for kind, values in found.items():
            town.things.setdefault((department, kind), tuple(list(values)[:MOST]))


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
