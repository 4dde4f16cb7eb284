"""The department's OpenAPI document, made from its routes: what is sent and answered, who may, an example each.

Models are described by pydantic itself, so that the document says what the server takes. What code cannot say is in
`interface.yaml` (see interface.py).
"""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from inspect import cleandoc
from types import NoneType
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import BodyKwarg, ParameterKwarg
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition
from pydantic import TypeAdapter

from shared.contracts.feed import Contract
from shared.department import interface
from shared.department.examples import PREFIX, Examples
from shared.department.exchange import IDEMPOTENCY_KEY
from shared.department.interface import Interface, OperationSaid
from shared.department.limits import LARGEST_NUMBER
from shared.department.openapi_handlers import JSON, all_fields, answered, asked_for, handlers_of, media_of, stores
from shared.department.openapi_problems import problem_of, problem_response
from shared.department.openapi_schemas import Untitled, bounded, plain, reached, references, say_what_is_taken
from shared.department.powers import Guard
from shared.department.problem_texts import title_of
from shared.department.problems import Problem
from shared.department.responses import EVENT_ID

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]
ANYBODY: list[dict[str, list[str]]] = []
COMMANDS = frozenset({"context", "open_context"})  # what a handler asks for that stores under an Idempotency-Key

OPERATION_ID = re.compile(r"[a-z]+(_[a-z0-9]+)+")  # a verb and what it is done to: show_person

ALWAYS = (400, 404, 413, 414, 422, 429, 431, 503)  # may come from anywhere
WITH_SIGN_IN = (401, 403)
WITH_BODY = (415,)
COMMANDED = (409,)

A_FILE = {"type": "string", "format": "binary"}
OF_MEDIA: Mapping[str, Any] = {  # examples of what is no JSON
    "application/pdf": "%PDF-1.7 …",
    "application/zip": "PK…",
    "image/png": "\x89PNG…",
    "application/octet-stream": "…",
    "application/pkix-crl": "…",
    "text/html": '<!doctype html><html lang="zh-CN">…</html>',
}


def document(app: Litestar, contract: Contract, guard: Guard) -> dict[str, Any]:
    """The whole document. Costs half a second."""
    handlers = list(handlers_of(app))
    said = interface.of_modules(handler.fn.__module__ for _, handler in handlers)
    making = _Making(said, guard)
    paths: dict[str, dict[str, Any]] = {}
    for route, handler in handlers:
        for method in sorted(handler.http_methods):
            paths.setdefault(route.path_format, {})[method.lower()] = making.operation(route, handler, str(method))
    made = {
        "openapi": "3.1.0",
        "info": _info(contract),
        "servers": [{"url": "/", "description": "本部门 / this department"}],
        "tags": [],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "身份认证部门签发的登录令牌 / an access token issued by identity",
                }
            },
            "parameters": {"IdempotencyKey": _IDEMPOTENCY_KEY_PARAMETER},
            "headers": {"EventId": _EVENT_ID_HEADER},
        },
    }
    making.finish(made)
    return made


def _info(contract: Contract) -> dict[str, Any]:
    return {
        "title": f"通办 Tongban: {contract.title.zh} / {contract.title.en}",
        "version": version("tongban"),
        "summary": f"{contract.title.zh}的办事接口 / the interface of {contract.title.en}",
        "description": (
            f"{contract.title.zh}的办事接口。办理类请求请携带 Idempotency-Key，重复提交只办理一次；"
            "出错时返回 application/problem+json，按 Accept-Language 给出中文或英文说明。"
            f"请求正文为UTF-8编码的JSON，整数绝对值不超过{LARGEST_NUMBER}，日期在1800年至2999年之间。\n\n"
            f"The interface of {contract.title.en}. Send an Idempotency-Key with every command: sent twice, it is done "
            "once. Errors are application/problem+json, in Chinese or English as Accept-Language asks. Bodies are JSON "
            f"in UTF-8; whole numbers keep within {LARGEST_NUMBER}, and days between the years 1800 and 2999. "
            "Whatever answers GET answers HEAD too."
        ),
        "contact": {"name": "通办 Tongban", "url": "/"},
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


_IDEMPOTENCY_KEY_PARAMETER = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "同一键重复提交只办理一次 / sent again under the same key, it is done once and answered the same",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7E]+$"},
    "example": "7b0d5f0e-3c3a-4f7e-9a51-0f3f0a9d3b11",
}
_EVENT_ID_HEADER = {
    "description": "所存储事件的编号，以逗号分隔 / the ids of the events it stored, by commas",
    "schema": {"type": "string"},
    "example": "01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10",
}


class _Making:
    """Collects what is sent and answered first; `finish` describes all of it at once, so that names are unique."""

    def __init__(self, said: Interface, guard: Guard) -> None:
        self._said = said
        self._guard = guard
        self._wanted: dict[tuple[int, str], TypeAdapter[Any]] = {}
        self._keys: dict[tuple[Any, str], int] = {}
        self._unfinished: list[tuple[dict[str, Any], tuple[int, str], str, Any]] = []
        self._tags: dict[str, None] = {}

    def operation(self, route: HTTPRoute, handler: HTTPRouteHandler, method: str) -> dict[str, Any]:
        key = f"{method} {route.path_format}"
        said = self._said.operations.get(key, OperationSaid())
        asked = asked_for(handler)
        needs_sign_in = not self._guard.row(method, route.path_format).anyone
        tags = sorted(handler.resolve_tags())
        self._tags |= dict.fromkeys(tags)
        parameters = [*self._path_parameters(route, handler, key), *self._query_parameters(route, handler, method, key)]
        if COMMANDS & asked:
            parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
        made: dict[str, Any] = {
            "operationId": said.id or handler.handler_name,
            "tags": tags,
            "summary": handler.summary or "",
            "description": said.description or cleandoc(handler.fn.__doc__ or ""),
            "security": SIGNED_IN if needs_sign_in else ANYBODY,
            "parameters": parameters,
        }
        body = self._body(handler, said)
        if body is not None:
            made["requestBody"] = body
        made["responses"] = self._responses(handler, said)
        statuses = {*ALWAYS, *(WITH_SIGN_IN if needs_sign_in else ()), *(WITH_BODY if body else ())}
        statuses |= set(said.refuses)
        statuses |= set(COMMANDED) if method != "GET" else set()
        for status in sorted(statuses):
            made["responses"].setdefault(str(status), problem_of(status))
        return made

    def finish(self, made: dict[str, Any]) -> None:
        """Describe every model, then give each body, answer and parameter its schema and example."""
        problem = self._key(Problem, "serialization")
        schemas, definitions = TypeAdapter.json_schemas(
            [(number, mode, adapter) for (number, mode), adapter in self._wanted.items()],  # type: ignore[misc]
            by_alias=True,
            ref_template=PREFIX + "{model}",
            schema_generator=Untitled,
        )
        models: dict[str, Any] = definitions.get("$defs", {})
        sent = reached([schemas[key] for key in self._wanted if key[1] == "validation"], models)  # type: ignore[index]
        for name in sent:
            say_what_is_taken(models[name])
        examples = Examples(models, self._said.fields)
        for place, key, name, own in self._unfinished:
            schema = dict(schemas[key])  # type: ignore[index]
            if key[1] == "validation" and name == "":
                say_what_is_taken(schema)
            place["schema"] = {**schema, **place.get("schema", {})}
            example = examples.of(place["schema"], name) if own is None else own
            place.setdefault("example", example)
        models.setdefault("Problem", schemas[problem])  # type: ignore[index]
        components = made["components"]
        components["schemas"] = dict(sorted(models.items()))
        components["responses"] = {
            f"Problem{status}": problem_response(status)
            for status in sorted({*ALWAYS, *WITH_SIGN_IN, *WITH_BODY, *COMMANDED})
        }
        used = set(references(made))
        for kind, held in components.items():
            if kind != "securitySchemes":
                components[kind] = {name: one for name, one in held.items() if f"#/components/{kind}/{name}" in used}
        made["tags"] = [
            {"name": tag, "description": f"{said.zh} / {said.en}" if (said := self._said.tags.get(tag)) else tag}
            for tag in self._tags
        ]

    def _key(self, annotation: Any, mode: str) -> tuple[int, str]:
        known = (repr(annotation), mode)
        if known not in self._keys:
            self._keys[known] = len(self._keys)
            self._wanted[self._keys[known], mode] = TypeAdapter(annotation)
        return self._keys[known], mode

    def _described(self, annotation: Any, mode: str, name: str = "", own: Any = None) -> dict[str, Any]:
        """A place that `finish` fills in."""
        place: dict[str, Any] = {}
        self._unfinished.append((place, self._key(annotation, mode), name, own))
        return place

    def _path_parameters(self, route: HTTPRoute, handler: HTTPRouteHandler, key: str) -> Iterator[dict[str, Any]]:
        fields = handler.parsed_fn_signature.parameters
        for name, definition in route.path_parameters.items():
            annotation = fields[name].annotation if name in fields else definition.type
            yield self._parameter(name, "path", annotation, fields.get(name), key, is_required=True)

    def _query_parameters(
        self, route: HTTPRoute, handler: HTTPRouteHandler, method: str, key: str
    ) -> Iterator[dict[str, Any]]:
        fields = all_fields(handler)
        _, kwargs = route.route_handler_map[method]  # type: ignore[index]
        for one in sorted(kwargs.expected_query_params, key=lambda one: one.field_alias):
            field = fields[one.field_name]
            made = self._parameter(one.field_alias, "query", field.annotation, field, key, is_required=one.is_required)
            if field.has_default and field.default is not None:
                made["schema"] = {"default": plain(field.default)}
            yield made

    def _parameter(
        self, name: str, place: str, annotation: Any, field: FieldDefinition | None, key: str, *, is_required: bool
    ) -> dict[str, Any]:
        told = field.kwarg_definition if field and isinstance(field.kwarg_definition, ParameterKwarg) else None
        said = self._said.parameters.get(f"{key} {name}") or self._said.parameters.get(name)
        made = self._described(bounded(annotation, told), "validation", name, said.example if said else None)
        made |= {
            "name": name,
            "in": place,
            "required": is_required,
            "description": said.description if said else (told.description if told else None) or "",
        }
        return made

    def _body(self, handler: HTTPRouteHandler, said: OperationSaid) -> dict[str, Any] | None:
        if said.takes:
            content: dict[str, Any] = {}
            for media, example in said.takes.items():
                content[media] = {"schema": {} if "json" in media else A_FILE, "example": example}
            return {"required": True, "content": content}
        data = handler.parsed_fn_signature.parameters.get("data")
        if data is None or not isinstance(data.kwarg_definition, BodyKwarg):
            return None
        media = str(getattr(data.kwarg_definition.media_type, "value", data.kwarg_definition.media_type))
        if media.startswith("multipart"):
            properties = dict.fromkeys(data.get_type_hints(), A_FILE)
            schema = {"type": "object", "properties": properties, "required": list(properties)}
            return {"required": True, "content": {media: {"schema": schema, "example": dict.fromkeys(properties, "…")}}}
        return {"required": True, "content": {JSON: self._described(data.annotation, "validation", own=said.sends)}}

    def _responses(self, handler: HTTPRouteHandler, said: OperationSaid) -> dict[str, Any]:
        annotation = answered(handler.parsed_fn_signature.return_type.annotation)
        status = handler.status_code or 200
        answer: dict[str, Any] = {"description": f"{title_of(status).zh} / {title_of(status).en}"}
        if annotation not in (None, NoneType) and status != 204:
            medias = (said.answers,) if isinstance(said.answers, str) else said.answers or (media_of(handler),)
            answer["content"] = {media: self._content(media, annotation, said.example) for media in medias}
        if stores(handler.fn):
            answer["headers"] = {EVENT_ID: {"$ref": "#/components/headers/EventId"}}
        responses = {str(status): answer}
        for also in said.also:
            responses[str(also)] = {**answer, "description": f"{title_of(also).zh} / {title_of(also).en}"}
            if also == 304:
                responses["304"] = {"description": responses["304"]["description"]}
            elif also == 503:
                problem = problem_response(503)["content"]
                responses["503"]["content"] = {**answer.get("content", {}), **problem}
        return responses

    def _content(self, media: str, annotation: Any, example: Any) -> dict[str, Any]:
        if "json" in media and annotation is not bytes:
            return self._described(annotation, "serialization", own=example)
        schema = A_FILE if annotation is bytes or not media.startswith("text/") else {"type": "string"}
        return {"schema": schema, "example": OF_MEDIA.get(media, "…") if example is None else example}
