"""Questions that come by request-reply."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from faststream.nats.message import NatsMessage
from pydantic import BaseModel, ValidationError

IsReady = Callable[[], Awaitable[bool]]
"""Whether it is known that nothing of our history was lost: before that nothing is told of it."""

NOT_READY = b'{"error": "not ready"}'

Q = TypeVar("Q", bound=BaseModel)


def reads(question: type[Q]) -> Callable[[NatsMessage], Awaitable[Q | None]]:
    """FastStream's decoder for a responder: None for what is no such question."""

    async def read(message: NatsMessage) -> Q | None:
        try:
            return question.model_validate_json(message.body)
        except ValidationError:
            return None

    return read
