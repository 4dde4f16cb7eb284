"""A department is killed in the middle of the story, once, at a moment that is chosen and not left to chance."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import httpx


class Moment(StrEnum):
    """When, in the life of a request, the killing is done."""

    under_way = "under_way"  # sent, not answered: whether it was decided nobody knows
    answered = "answered"  # decided, and the answer is lost on the way back


@dataclass(frozen=True, slots=True)
class Interruption:
    """`kill -9` of a department, when a request of this route comes to this moment, `after` so many were answered."""

    department: str
    route: str
    moment: Moment = Moment.under_way
    after: int = 0


class Interrupting(httpx.AsyncBaseTransport):
    """httpx's own transport, except that `kill` is called at each interruption's moment, once."""

    def __init__(self, interruptions: Sequence[Interruption], kill: Callable[[Interruption], None]) -> None:
        """Those of one route come in their order."""
        self._ahead = list(interruptions)
        self._kill = kill
        self._answered: Counter[object] = Counter()  # requests by route
        self._transport = httpx.AsyncHTTPTransport()

    @property
    def ahead(self) -> tuple[Interruption, ...]:
        """Those whose moment has not come."""
        return tuple(self._ahead)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        route = request.extensions.get("route")
        here = next((one for one in self._ahead if one.route == route and one.after == self._answered[route]), None)
        if here is not None and here.moment is Moment.under_way:
            request = self._killing_when_sent(request, here)
        response = await self._transport.handle_async_request(request)
        if here is not None:
            await response.aread()
            if here in self._ahead:
                self._strike(here)
            # else it was killed under way and yet too late: the answer was out already, and is lost here
            raise httpx.ReadError("the answer was lost", request=request)
        self._answered[route] += 1
        return response

    def _killing_when_sent(self, request: httpx.Request, here: Interruption) -> httpx.Request:
        async def trace(moment: str, _info: object) -> None:
            if moment == "http11.send_request_body.complete":
                self._strike(here)

        return httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "trace": trace},
        )

    def _strike(self, here: Interruption) -> None:
        self._ahead.remove(here)
        self._kill(here)

    async def aclose(self) -> None:
        await self._transport.aclose()
