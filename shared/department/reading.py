"""How bodies are read: one place for every limit, whether Litestar makes a model of it or a handler reads it itself."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import InternalServerException, NotFoundException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import BodyKwarg
from litestar.types import Empty
from litestar.typing import FieldDefinition
from pydantic import TypeAdapter

from shared.department.door import Shape, check_parameters
from shared.department.json_body import read_json
from shared.department.limits import BIGGEST_SEQUENCE, LARGEST_BODY
from shared.department.problem_texts import NOT_JSON
from shared.department.unreadable import Unreadable, client_left, too_large

Connection = ASGIConnection[Any, Any, Any, Any]


class BoundedRequest(Request[Any, Any, Any]):
    """A request whose body is told its own limit, and whose JSON is bounded and unambiguous."""

    async def body(self) -> bytes:
        try:
            return await super().body()
        except RequestEntityTooLarge:
            raise too_large(self.limit) from None

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Raises Unreadable when the client leaves before its body is whole: that is no failure of ours."""
        try:
            async for piece in super().stream():
                yield piece
        except InternalServerException:
            if not self.is_connected:  # read twice
                raise
            raise client_left() from None

    async def json(self) -> Any:
        if self._json is Empty:
            check_json_declared(self.headers.get("content-type"))
            self._json = self._connection_state.json = read_json(await self.body() or b"null")
        return self._json

    @property
    def limit(self) -> int:
        """Bytes that this route takes."""
        limit = self.route_handler.resolve_request_max_body_size()
        return limit if isinstance(limit, int) else LARGEST_BODY


def check_json_declared(content_type: str | None) -> None:
    """Raises Unreadable for a body said to be something else, or in another encoding. Nothing said: JSON."""
    if content_type is None:
        return
    media, _, parameters = content_type.lower().partition(";")
    media = media.strip()
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if not (media == "application/json" or media.endswith("+json")) or charset not in ("", "utf-8", "utf8"):
        raise Unreadable(NOT_JSON.status, NOT_JSON.code, *NOT_JSON.detail)


class Parameters:
    """Looks at a request's parameters before anything else is taken out of it."""

    def __init__(self, known: Mapping[str, Shape]) -> None:
        self._known = known

    async def __call__(self, _values: dict[str, Any], connection: Connection) -> None:
        for value in connection.scope["path_params"].values():
            if isinstance(value, int) and abs(value) > BIGGEST_SEQUENCE:
                raise NotFoundException
        if query := connection.scope["query_string"]:
            check_parameters(query, self._known)


class ModelOfBody:
    """Makes the handler's `data` from the JSON text itself: strictly, as the interface's description says it."""

    def __init__(self, annotation: Any) -> None:
        self._adapter = TypeAdapter[Any](annotation)

    async def __call__(self, values: dict[str, Any], connection: Connection) -> None:
        if values.get("data", Empty) is not Empty and isinstance(connection, BoundedRequest):
            values["data"] = self.read(await connection.body())

    def read(self, body: bytes) -> Any:
        """Raises pydantic's ValidationError."""
        return self._adapter.validate_json(body, strict=True)


def model_of_body(data: FieldDefinition | None) -> ModelOfBody | None:
    """None: the handler takes no body, or none of JSON."""
    if data is None or not isinstance(data.kwarg_definition, BodyKwarg):
        return None
    return ModelOfBody(data.annotation) if data.kwarg_definition.media_type == "application/json" else None


def shape_of(parameter: FieldDefinition) -> Shape:
    kinds = {parameter.annotation, *(inner.annotation for inner in parameter.inner_types)}
    return Shape(kinds, is_list=parameter.is_non_string_sequence)
