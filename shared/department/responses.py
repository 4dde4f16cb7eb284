"""How answers are written."""

from collections.abc import Iterable
from typing import Any, TypeVar

from litestar import Response
from litestar.serialization import default_serializer
from litestar.types import Serializer
from pydantic import BaseModel

from shared.eventstore.store import Done

T = TypeVar("T")
B = TypeVar("B", bound=BaseModel)

EVENT_ID = "Event-Id"


class JsonResponse(Response[T]):
    """Writes a pydantic model in one pass; anything else as Litestar does."""

    def render(self, content: Any, media_type: str, enc_hook: Serializer = default_serializer) -> bytes:
        if isinstance(content, BaseModel):
            return content.__pydantic_serializer__.to_json(content)
        return super().render(content, media_type, enc_hook)


def stored(done: Done[Any] | Iterable[Done[Any]], body: B, status: int = 201) -> Response[B]:
    """The answer to a command. `Event-Id` lists the events it stored, or had stored when it came the first time."""
    outcomes = (done,) if isinstance(done, Done) else tuple(done)
    ids = ",".join(str(event.id) for outcome in outcomes for event in outcome.events)
    return JsonResponse(body, status_code=status, headers={EVENT_ID: ids} if ids else None)
