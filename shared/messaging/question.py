"""Questions that come by request-reply."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from faststream.nats.message import NatsMessage
from pydantic import BaseModel, ValidationError

Q = TypeVar("Q", bound=BaseModel)


def reads(question: type[Q]) -> Callable[[NatsMessage], Awaitable[Q | None]]:
    """FastStream's decoder for a responder: None for what is no such question."""

    async def read(message: NatsMessage) -> Q | None:
        try:
            return question.model_validate_json(message.body)
        except ValidationError:
            return None

    return read
