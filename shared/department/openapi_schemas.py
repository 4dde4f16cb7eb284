"""JSON schemas of the OpenAPI document: without titles, with the bounds that the frame sets on all that is sent."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from litestar.params import ParameterKwarg
from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from shared.department.examples import PREFIX
from shared.department.json_body import PLAIN
from shared.department.limits import LARGEST_NUMBER, LONGEST_KEY


class Untitled(GenerateJsonSchema):
    """Without titles: they say what the names say."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic asks so
        return False

    def get_title_from_name(self, name: str) -> str:
        return name


_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


def bounded(annotation: Any, told: ParameterKwarg | None) -> Any:
    bounds = {name: value for name in _BOUNDS if told and (value := getattr(told, name, None)) is not None}
    return Annotated[annotation, Field(**bounds)] if bounds else annotation


def plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else str(value)


def reached(schemas: Iterable[Any], models: Mapping[str, Any]) -> set[str]:
    """The names of the models these refer to, directly or not."""
    found: set[str] = set()
    waiting = list(schemas)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            ref = one.get("$ref")
            if isinstance(ref, str) and (name := ref.removeprefix(PREFIX)) not in found:
                found.add(name)
                waiting.append(models[name])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return found


def references(place: Any) -> Iterator[str]:
    if isinstance(place, Mapping):
        if isinstance(ref := place.get("$ref"), str):
            yield ref
        for one in place.values():
            yield from references(one)
    elif isinstance(place, list | tuple):
        for one in place:
            yield from references(one)


def say_what_is_taken(schema: Any) -> None:
    """The bounds that the frame sets on all that is sent."""
    if isinstance(schema, list):
        for one in schema:
            say_what_is_taken(one)
        return
    if not isinstance(schema, dict):
        return
    match schema.get("type"):
        case "string" if not {"pattern", "format", "enum", "const"} & schema.keys():
            schema["pattern"] = PLAIN
        case "integer":
            if not {"maximum", "exclusiveMaximum", "enum", "const"} & schema.keys():
                schema["maximum"] = LARGEST_NUMBER
            if not {"minimum", "exclusiveMinimum", "enum", "const"} & schema.keys():
                schema["minimum"] = -LARGEST_NUMBER
        case "object" if schema.get("additionalProperties") and "properties" not in schema:
            schema.setdefault("propertyNames", {"maxLength": LONGEST_KEY, "pattern": PLAIN})
    for name, value in schema.items():
        if name == "properties":
            for one in value.values():
                say_what_is_taken(one)
        elif name in ("items", "anyOf", "oneOf", "allOf", "prefixItems", "additionalProperties"):
            say_what_is_taken(value)
