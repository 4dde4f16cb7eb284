"""Speaking HTTP to departments as a portal or an app would: patient, and asking twice does it once.

This is the client's half of "effectively once": a command keeps its Idempotency-Key through every try, so a department
that was killed after it stored the command, and before it answered, gives the first outcome when asked again.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.demo.exchange import Exchange
from deploy.demo.expectations import Unmet
from shared.standards.text import Text

PATIENCE = 60.0  # seconds for a request with all its tries; a department killed twice meanwhile starts twice
ONE_TRY = 10.0  # seconds for one of them
FIRST_WAIT = 0.05  # seconds before the second try; doubled at each
LONGEST_WAIT = 0.5


class DepartmentClient:
    """One department. Safe for any number of tasks."""

    def __init__(self, name: str, address: str, http: httpx.AsyncClient) -> None:
        self.name = name
        self._address = address
        self._http = http

    async def get(self, route: str, headers: Mapping[str, str] | None = None, **ids: object) -> Exchange:
        """`route` is a template; `ids` fill it."""
        return await self._ask("GET", route, headers or {}, {}, ids)

    async def post(self, route: str, body: object, headers: Mapping[str, str] | None = None, **ids: object) -> Exchange:
        """A command, under a key of its own."""
        headers = {**(headers or {}), "Idempotency-Key": str(uuid4())}
        return await self._ask("POST", route, headers, {"json": body}, ids)

    async def hand_in(self, route: str, file: bytes, headers: Mapping[str, str] | None = None) -> Exchange:
        """A file, as a form in a browser sends it."""
        return await self._ask("POST", route, headers or {}, {"files": {"file": file}}, {})

    async def _ask(
        self, method: str, route: str, headers: Mapping[str, str], sent: Mapping[str, Any], ids: Mapping[str, object]
    ) -> Exchange:
        """Try until it answers anything but 503. Raises Unmet when it does not in PATIENCE seconds."""
        url = self._address + route.format_map(ids)
        request = self._http.build_request(method, url, headers=dict(headers), extensions={"route": route}, **sent)
        began = time.perf_counter()
        tries = 0
        while True:
            tries += 1
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                trouble = type(error).__name__
            else:
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return self._exchange(method, route, response, (time.perf_counter() - began) * 1000, tries)
                trouble = f"503 {response.text}"
            if time.perf_counter() - began > PATIENCE:
                what = Text(f"{method} {route} 有答复", f"{method} {route} is answered")
                raise Unmet(what, f"an answer within {PATIENCE:g} s", trouble, self.name)
            await asyncio.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)) * random.uniform(0.5, 1))  # noqa: S311

    def _exchange(self, method: str, route: str, response: httpx.Response, waited: float, tries: int) -> Exchange:
        event_ids = response.headers.get("event-id", "")
        return Exchange(
            department=self.name,
            method=method,
            route=route,
            status=response.status_code,
            milliseconds=waited,
            tries=tries,
            event_ids=tuple(UUID(one) for one in event_ids.split(",") if one),
            body=response.json() if "json" in response.headers.get("content-type", "") else None,
            content=response.content,
        )


Departments = Mapping[str, DepartmentClient]


@asynccontextmanager
async def connected(
    addresses: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Departments]:
    """Clients by department. `transport` carries their requests, httpx's own by default."""
    async with httpx.AsyncClient(timeout=ONE_TRY, transport=transport, trust_env=False) as http:
        yield {name: DepartmentClient(name, address, http) for name, address in addresses.items()}
