"""JetStream's API as JSON: nats-py's own classes drop what they do not know, and the keeper compares all there is."""

import json
from typing import Any

from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.js.errors import APIError, ServiceUnavailableError

Answer = dict[str, Any]
TIMEOUT = 5.0  # seconds


async def ask(client: Client, subject: str, question: Answer | None = None) -> Answer:
    """`subject` without its `$JS.API`. Raises what JetStream answers: NotFoundError and other APIErrors."""
    body = b"" if question is None else json.dumps(question).encode()
    try:
        message = await client.request(f"$JS.API.{subject}", body, timeout=TIMEOUT)
    except NoRespondersError:
        raise ServiceUnavailableError from None
    answer: Answer = json.loads(message.data)
    if "error" in answer:
        raise _error(answer["error"])
    return answer


def _error(told: Answer) -> APIError:
    try:
        APIError.from_error({name: told.get(name) for name in ("code", "err_code", "description")})
    except APIError as error:
        return error
    raise AssertionError("it raises")
