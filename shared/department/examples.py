"""One example of whatever a JSON Schema describes, made from the examples of its fields."""

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

PREFIX = "#/components/schemas/"
DEEPEST = 30

BY_FORMAT: Mapping[str, Any] = {
    "uuid": "01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10",
    "date": "2024-05-01",
    "date-time": "2024-05-01T09:00:00+08:00",
    "duration": "PT30M",
    "password": "correct horse battery",
    "uri": "https://example.cn/",
    "binary": "…",
    "time": "09:00:00",
}


BY_PATTERN: Mapping[str, str] = {
    "^[0-9a-f]{64}$": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "^[A-Za-z0-9+/]{86}==$": f"{'A' * 86}==",
    "^04[0-9a-f]{128}$": f"04{'0a' * 64}",
    "^[a-z][a-z_]*$": "purpose",
    r"^[a-z]+\.[a-z_]+$": "person.name",
    "^[0-9]{12}$": "130123100242",
}
"""Where a pattern says all; other texts with a pattern need an example of their own."""


class Examples:
    """`fields`: examples by a field's name, or by "Model.name"; `models`: the schemas that others refer to."""

    def __init__(self, models: Mapping[str, Schema], fields: Mapping[str, Any]) -> None:
        self._models = models
        self._fields = fields

    def of(self, schema: Schema, name: str = "", model: str = "", depth: int = 0) -> Any:
        """Never None unless nothing else is possible."""
        if depth > DEEPEST:
            return None
        own = self._named(name, model)
        if own is not None and fits(own, self._resolved(schema)):
            return own
        if examples := schema.get("examples"):
            return examples[0]
        if "example" in schema:
            return schema["example"]
        if ref := schema.get("$ref"):
            referred = ref.removeprefix(PREFIX)
            return self.of(self._models[referred], name, referred, depth + 1)
        if "const" in schema:
            return schema["const"]
        if enum := schema.get("enum"):
            return enum[0]
        for several in ("oneOf", "anyOf"):
            if choices := schema.get(several):
                first = next((one for one in choices if one.get("type") != "null"), choices[0])
                return self.of(first, name, model, depth + 1)
        if merged := schema.get("allOf"):
            return self.of(merged[0], name, model, depth + 1)
        return self._by_type(schema, name, model, depth)

    def _by_type(self, schema: Schema, name: str, model: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema, model or name, depth)
            case "array":
                if prefix := schema.get("prefixItems"):
                    return [self.of(one, name, model, depth + 1) for one in prefix]
                item = self.of(schema.get("items", {}), name, model, depth + 1)
                return [] if item is None else [item] * max(1, schema.get("minItems", 0))
            case "integer" | "number":
                least = schema.get(
                    "minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1
                )
                return min(max(1, least), schema.get("maximum", least if least > 1 else 1))
            case "boolean":
                default = schema.get("default")
                return default if isinstance(default, bool) else True
            case "null":
                return None
            case "string":
                return self._text(schema)
            case _:
                return {} if "properties" in schema else schema.get("default")

    def _object(self, schema: Schema, model: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        made = {}
        for field, one in properties.items():
            value = self.of(one, field, model, depth + 1)
            if value is not None or field in required:
                made[field] = value
        further = schema.get("additionalProperties")
        if not properties and isinstance(further, Mapping):
            value = self.of(further, "value", model, depth + 1)
            return {"purpose": value}
        return made

    def _text(self, schema: Schema) -> str:
        if (format := schema.get("format")) in BY_FORMAT:
            return str(BY_FORMAT[str(format)])
        if (pattern := schema.get("pattern")) in BY_PATTERN:
            return BY_PATTERN[str(pattern)]
        if digits := re.fullmatch(r"\^\[0-9\]\{([0-9]+)(,[0-9]+)?\}\$", pattern or ""):
            return ("1234567890" * 10)[: int(digits[1])]
        text = "示例"
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        text = text.ljust(least, "例")
        return text if most is None else text[:most]

    def _named(self, name: str, model: str) -> Any:
        return self._fields.get(f"{model}.{name}", self._fields.get(name))

    def _resolved(self, schema: Schema) -> Schema:
        while ref := schema.get("$ref"):
            schema = self._models[ref.removeprefix(PREFIX)]
        return schema


def fits(value: Any, schema: Schema) -> bool:
    """Whether an example of a name may stand here: the kind is right, as far as it is easily told."""
    for several in ("anyOf", "oneOf"):
        if choices := schema.get(several):
            return any(fits(value, one) for one in choices)
    if "enum" in schema or "const" in schema or "$ref" in schema:
        return False
    match schema.get("type"):
        case None:
            return True
        case "string":
            return isinstance(value, str) and _fits_text(value, schema)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False


def _fits_text(value: str, schema: Schema) -> bool:
    return (
        schema.get("format") in (None, "uri", "password")
        and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    )
