"""Reads a route's handler for the OpenAPI document: what it asks for, stores and answers."""

from collections.abc import Iterator
from types import FunctionType
from typing import Any, get_args, get_origin

from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

JSON = "application/json"


def handlers_of(app: Litestar) -> Iterator[tuple[HTTPRoute, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema() and "OPTIONS" not in handler.http_methods:
                    yield route, handler


def asked_for(handler: HTTPRouteHandler) -> frozenset[str]:
    """What a handler and all it depends on ask for, by name."""
    return frozenset(all_fields(handler))


def all_fields(handler: HTTPRouteHandler) -> dict[str, FieldDefinition]:
    dependencies = handler.resolve_dependencies()
    fields: dict[str, FieldDefinition] = {}
    waiting = [handler.parsed_fn_signature]
    while waiting:
        for name, field in waiting.pop().parameters.items():
            if name in fields:
                continue
            fields[name] = field
            if name in dependencies:
                waiting.append(dependencies[name].parsed_fn_signature)
    return fields


def stores(fn: Any, depth: int = 0) -> bool:
    """Whether it answers with `stored(...)`, itself or through a function of its department."""
    names = fn.__code__.co_names
    helpers = (fn.__globals__.get(name) for name in names)
    return "stored" in names or (
        depth < 2
        and any(
            isinstance(one, FunctionType) and one.__module__.startswith("services.") and stores(one, depth + 1)
            for one in helpers
        )
    )


def answered(annotation: Any) -> Any:
    """What is in the body: of `Response[Person]` a `Person`."""
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, Response):
        return next(iter(get_args(annotation)), Any)
    return annotation


def media_of(handler: HTTPRouteHandler) -> str:
    media = handler.media_type
    return JSON if not isinstance(media, str) or media == "" else str(getattr(media, "value", media))
