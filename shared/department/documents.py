"""The department's two documents: OpenAPI for its HTTP (/schema), AsyncAPI for its events (/asyncapi)."""

import json
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from shared.contracts.feed import Contract
from shared.department.engine import Engine
from shared.department.problem_texts import title_of
from shared.department.problems import MEDIA_TYPE, Problem

VERSION = "1"

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]

PROBLEMS = {
    status: ResponseSpec(
        Problem,
        generate_examples=False,
        description=f"{title_of(status).zh} / {title_of(status).en}",
        media_type=MEDIA_TYPE,
    )
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


def openapi(contract: Contract) -> OpenAPIConfig:
    """Served as JSON at /schema and /schema/openapi.json: no page that would load scripts from elsewhere."""
    return OpenAPIConfig(
        title=f"通办 Tongban: {contract.title.zh} / {contract.title.en}",
        version=VERSION,
        description=(
            f"{contract.title.zh}的办事接口。办理类请求请携带 Idempotency-Key，重复提交只办理一次；"
            "出错时返回 application/problem+json，按 Accept-Language 给出中文或英文说明。\n\n"
            f"The interface of {contract.title.en}. Send an Idempotency-Key with every command: sent twice, it is done "
            "once. Errors are application/problem+json, in Chinese or English as Accept-Language asks."
        ),
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, before_request=_only_documents),
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"], media_type=MediaType.JSON)],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="JWT",
                    description="身份认证部门签发的登录令牌 / an access token issued by identity",
                )
            }
        ),
        use_handler_docstrings=True,
    )


def _only_documents(request: Request[Any, Any, Any]) -> None:
    """Litestar answers any other path beneath /schema with a page of its own."""
    if request.path_params:
        raise NotFoundException


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
