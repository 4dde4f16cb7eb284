"""The department's two documents: OpenAPI for its HTTP (/schema), AsyncAPI for its events (/asyncapi)."""

import json
from functools import cached_property
from html import escape
from typing import Any

import orjson
from litestar import Litestar, MediaType, Request, Response, get
from litestar.di import NamedDependency

from shared.contracts.feed import Contract
from shared.department import openapi
from shared.department.engine import Engine
from shared.department.powers import Guard


class OpenApi:
    """The document as it is served: made when it is first asked for."""

    def __init__(self, app: Litestar, contract: Contract, guard: Guard) -> None:
        self._app, self._contract, self._guard = app, contract, guard

    @cached_property
    def content(self) -> bytes:
        return orjson.dumps(openapi.document(self._app, self._contract, self._guard))


@get(["/schema", "/schema/openapi.json"], include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """JSON only: no page that would load scripts from elsewhere."""
    held: OpenApi = request.app.state["openapi"]
    return Response(held.content, media_type=MediaType.JSON)


@get("/asyncapi.json", include_in_schema=False, sync_to_thread=False)
def asyncapi_json(engine: NamedDependency[Engine]) -> dict[str, Any]:
    return engine.asyncapi()


@get("/asyncapi", include_in_schema=False, sync_to_thread=False)
def asyncapi(request: Request[Any, Any, Any], engine: NamedDependency[Engine]) -> Response[str]:
    """HTML for a browser, JSON for everyone else."""
    document = engine.asyncapi()
    if "text/html" in request.headers.get("accept", ""):
        return Response(page(document), media_type=MediaType.HTML)
    return Response(json.dumps(document, ensure_ascii=False), media_type=MediaType.JSON)


def page(document: dict[str, Any]) -> str:
    """The document as one page that loads nothing from elsewhere."""
    title = escape(str(document.get("info", {}).get("title", "AsyncAPI")))
    rows = "".join(
        f"<tr><td><code>{escape(str(channel.get('address', name)))}</code></td>"
        f"<td>{escape(', '.join(channel.get('messages', {})))}</td></tr>"
        for name, channel in document.get("channels", {}).items()
    )
    text = escape(json.dumps(document, ensure_ascii=False, indent=2))
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h1>{title}</h1><table><tr><th>通道 channel</th><th>消息 messages</th></tr>{rows}</table>"
        f'<h2><a href="/asyncapi.json">asyncapi.json</a></h2><pre>{text}</pre></body></html>'
    )
