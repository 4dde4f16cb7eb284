"""Reading an OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.doors.five import Five

Document = Mapping[str, Any]
Documents = Mapping[str, Document]


async def documents_of(five: Five) -> Documents:
    found = {}
    for name, department in five.items():
        async with department.client() as client:
            found[name] = (await client.get("/schema")).json()
    return found


def operations(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """'GET /people/{id}' and what is said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def referred(document: Document, place: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` stands for; anything else as it is."""
    while ref := place.get("$ref"):
        found: Any = document
        for step in ref.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        place = found
    return place


def whole(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that stands by itself, with the models it refers to."""
    return {**schema, "components": {"schemas": document["components"]["schemas"]}}
