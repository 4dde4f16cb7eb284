"""What a route handler may ask for by parameter name.

    async def submit(data: JSONBody[Form], store: NamedDependency[Store], context: NamedDependency[Context]) -> ...

`store`, `pool`, `engine`, `settings`, `vitals`, `caller` (401 without a valid token), `power` (the caller's, by the
powers table), `context` (of the signed-in caller), `open_context` (of anybody), `language`, `now`. The annotations are
Litestar's `NamedDependency`, `JSONBody`, `FromPath` and `FromQuery`; plain types work too, with a deprecation warning.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from litestar import Request

from shared.contracts.errors import Broken
from shared.contracts.event import Metadata
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.department.exchange import exchange_of
from shared.department.powers import Power
from shared.department.settings import Settings
from shared.department.sign_in import TokenCheck
from shared.department.vitals import Vitals
from shared.eventstore.aggregate import Context
from shared.standards.text import Language

AnyRequest = Request[Any, Any, Any]
Giver = Callable[[AnyRequest], Awaitable[Any]]


def givers(engine: Engine, settings: Settings, vitals: Vitals) -> Mapping[str, Giver]:
    """What gives a handler each of them."""
    check = TokenCheck(engine.pool, lambda: engine.identity_is_away)

    async def caller(request: AnyRequest) -> Caller:
        exchange = exchange_of(request.scope)
        if exchange.caller is None:
            exchange.caller = await check.caller(exchange.text(b"authorization"), datetime.now(UTC))
        return exchange.caller

    async def context(request: AnyRequest) -> Context:
        return await context_of(request, (await caller(request)).actor)

    return {
        "engine": _constant(engine),
        "store": _constant(engine.store),
        "pool": _constant(engine.pool),
        "settings": _constant(settings),
        "vitals": _constant(vitals),
        "caller": caller,
        "power": power,
        "context": context,
        "open_context": open_context,
        "language": language,
        "now": now,
    }


def _constant(value: object) -> Giver:
    async def constant(request: AnyRequest) -> Any:  # noqa: ARG001 - every giver is asked in the same way
        return value

    return constant


async def power(request: AnyRequest) -> Power:
    granted = exchange_of(request.scope).power
    if granted is None:
        raise Broken("a handler of a route that is open to anyone asks for a power")
    return granted


async def language(request: AnyRequest) -> Language:
    return exchange_of(request.scope).language


async def now(request: AnyRequest) -> datetime:  # noqa: ARG001 - every giver is asked in the same way
    return datetime.now(UTC)


async def open_context(request: AnyRequest) -> Context:
    return await context_of(request, "anonymous")


async def context_of(request: AnyRequest, actor: str) -> Context:
    """The context of a command: who, in which story, and under which key if an Idempotency-Key came.

    `metadata.request` tells a repeated request from another one under the same key: SHA-256 of key, method, path,
    query and body. The key is in it so that nobody can guess the body from what is stored.
    """
    exchange = exchange_of(request.scope)
    key = exchange.idempotency_key()
    digest = None
    if key is not None:
        scope = request.scope
        head = f"{key}\n{scope['method']} {scope['path']}\n".encode() + scope["query_string"] + b"\n"
        digest = sha256(head + await request.body()).hexdigest()
    return Context(
        metadata=Metadata(
            actor=actor,
            correlation_id=exchange.correlation_id,
            traceparent=exchange.traceparent,
            request=digest,
        ),
        key=None if key is None else f"{actor}\n{key}",
    )
