"""The department's two documents: OpenAPI for its HTTP (/schema), AsyncAPI for its events (/asyncapi)."""

import json
from functools import cached_property
from html import escape
from typing import Any

import orjson
from litestar import Litestar, MediaType, Request, Response, get

from shared.contracts.feed import Contract
from shared.department import openapi
from shared.department.engine import Engine
from shared.department.powers import Guard


class Documents:
    """Both as they are served. Each is made once, when it is first asked for: it costs up to half a second."""

    def __init__(self, app: Litestar, engine: Engine, contract: Contract, guard: Guard) -> None:
        self._app, self._engine, self._contract, self._guard = app, engine, contract, guard

    @cached_property
    def openapi(self) -> bytes:
        return orjson.dumps(openapi.document(self._app, self._contract, self._guard))

    @cached_property
    def asyncapi(self) -> bytes:
        return orjson.dumps(self._engine.asyncapi())

    @cached_property
    def asyncapi_page(self) -> bytes:
        return page(self._engine.asyncapi()).encode()


@get(["/schema", "/schema/openapi.json"], include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """JSON only: no page that would load scripts from elsewhere."""
    return _served(_documents(request).openapi, MediaType.JSON)


@get("/asyncapi.json", include_in_schema=False, sync_to_thread=False)
def asyncapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _served(_documents(request).asyncapi, MediaType.JSON)


@get("/asyncapi", include_in_schema=False, sync_to_thread=False)
def asyncapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """HTML for a browser, JSON for everyone else."""
    if "text/html" in request.headers.get("accept", ""):
        return _served(_documents(request).asyncapi_page, MediaType.HTML)
    return _served(_documents(request).asyncapi, MediaType.JSON)


def _documents(request: Request[Any, Any, Any]) -> Documents:
    held: Documents = request.app.state["documents"]
    return held


def _served(content: bytes, media: MediaType) -> Response[bytes]:
    """Of a release they are the same for everybody."""
    return Response(content, media_type=media, headers={"cache-control": "public, max-age=300", "vary": "accept"})


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
