"""Values that a JSON Schema allows, as far as pydantic writes schemas; `formats` gives what a pattern alone cannot."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
Formats = Mapping[str, st.SearchStrategy[str]]

PREFIX = "#/components/schemas/"
DEEPEST = 6
MOST_ITEMS = 3
TEXT = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(TEXT, max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXT, max_size=10), inner, max_size=3),
    max_leaves=5,
)


def values(schema: Schema, models: Mapping[str, Schema], formats: Formats, depth: int = 0) -> st.SearchStrategy[Any]:
    def below(one: Schema) -> st.SearchStrategy[Any]:
        return values(one, models, formats, depth + 1)

    if ref := schema.get("$ref"):
        return below(models[ref.removeprefix(PREFIX)])
    if "const" in schema:
        return st.just(schema["const"])
    if enum := schema.get("enum"):
        return st.sampled_from(enum)
    for several in ("anyOf", "oneOf"):
        if choices := schema.get(several):
            simple = [one for one in choices if depth < DEEPEST or one.get("type") in ("null", "string", "integer")]
            return st.one_of([below(one) for one in simple or choices])
    match schema.get("type"):
        case "object":
            return _objects(schema, below, deep=depth >= DEEPEST)
        case "array":
            if prefix := schema.get("prefixItems"):
                return st.tuples(*map(below, prefix)).map(list)
            least = schema.get("minItems", 0)
            most = max(least, min(schema.get("maxItems", MOST_ITEMS), MOST_ITEMS if depth < DEEPEST else 0))
            items = below(schema.get("items", {}))
            unique = repr if schema.get("uniqueItems") else None
            return st.lists(items, min_size=least, max_size=most, unique_by=unique)
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(
                schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False, width=32
            )
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return _texts(schema, formats)
        case _:
            return ANYTHING


def _objects(schema: Schema, below: Any, *, deep: bool) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    required = {name: below(one) for name, one in properties.items() if name in schema.get("required", ())}
    optional = {} if deep else {name: below(one) for name, one in properties.items() if name not in required}
    further = schema.get("additionalProperties", True)
    if properties or further is False:
        return st.fixed_dictionaries(required, optional=optional)
    names = st.text(TEXT, min_size=1, max_size=20)
    return st.dictionaries(names, ANYTHING if further is True else below(further), max_size=3)


def _texts(schema: Schema, formats: Formats) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if (format := schema.get("format")) in formats:
        made = formats[str(format)]
    elif (pattern := schema.get("pattern")) and "[^" not in pattern:
        made = st.from_regex(pattern, fullmatch=True, alphabet=TEXT)
    else:
        return st.text(TEXT, min_size=least, max_size=min(most or 200, least + 200))
    return made.filter(lambda text: least <= len(text) <= (len(text) if most is None else most))
