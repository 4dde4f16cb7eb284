"""A first example of an event, made from its JSON Schema: better than none, and to be replaced by a plausible one."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from deploy.compatibility.golden import Present
from shared.contracts.errors import Misconfigured

BY_FORMAT = {
    "uuid": "018c94c2-4f00-7000-8000-000000000001",
    "date": "2023-12-23",
    "date-time": "2023-12-23T10:30:00+08:00",
}


def made_up(present: Present, *, whole: bool) -> str:
    """The text that would be stored; `whole` with its optional fields, else without.

    Raises Misconfigured when none comes to mind.
    """
    schema = present.event.model_json_schema(mode="serialization")
    required = schema.get("required", [])
    fields = {name: one for name, one in schema.get("properties", {}).items() if whole or name in required}
    values = {name: _value(one, schema.get("$defs", {}), whole=whole) for name, one in fields.items()}
    try:
        return present.registry.encode(present.event.model_validate(values))
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise Misconfigured(
            f"{present.type}: no example of {wrong} can be made up; give the field `examples` in its JSON Schema"
        ) from None


def _value(schema: Mapping[str, Any], defs: Mapping[str, Any], *, whole: bool) -> Any:
    if "$ref" in schema:
        return _value(defs[schema["$ref"].rpartition("/")[2]], defs, whole=whole)
    for keyword in ("examples", "enum"):
        if keyword in schema:
            return schema[keyword][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        null = [one for one in schema["anyOf"] if one.get("type") == "null"]
        return None if null and not whole else _value(schema["anyOf"][0], defs, whole=whole)
    match schema.get("type"):
        case "string":
            return BY_FORMAT.get(schema.get("format", ""), "示例" if whole else "example")
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return whole
        case "array":
            return [_value(schema["items"], defs, whole=whole)] if whole or schema.get("minItems") else []
        case "object" if "properties" in schema:
            return {name: _value(one, defs, whole=whole) for name, one in schema["properties"].items()}
        case "object":
            inner = schema.get("additionalProperties")
            return {"示例": _value(inner, defs, whole=whole)} if whole and isinstance(inner, Mapping) else {}
        case _:
            return None
