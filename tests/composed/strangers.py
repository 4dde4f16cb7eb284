"""A department as a stranger reaches it: through the gateway, over TLS."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from deploy.composed.environment import TRIAL_DOMAIN
from tests.deploy.nginx import Named

THIS_MACHINE = "127.0.0.1"
PATIENCE = 120.0  # seconds for a request with all its tries
LOOK = 0.5


class Stranger:
    """Asks again, under the same Idempotency-Key, as long as the answer is 503 or none."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, route: str, token: str | None = None, **query: Any) -> httpx.Response:
        return await self._ask("GET", route, token, {"params": query})

    async def post(self, route: str, body: object, token: str | None = None) -> httpx.Response:
        return await self._ask("POST", route, token, {"json": body})

    async def hand_in(self, route: str, file: bytes) -> httpx.Response:
        return await self._ask("POST", route, None, {"files": {"file": file}})

    async def _ask(self, method: str, route: str, token: str | None, sent: dict[str, Any]) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())} | ({"authorization": f"Bearer {token}"} if token else {})
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self.http.request(method, route, headers=headers, **sent)
            except httpx.TransportError:
                if time.monotonic() > give_up:
                    raise
            else:
                if answer.status_code not in (429, 503) or time.monotonic() > give_up:
                    return answer
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def stranger(certificate: Path, department: str) -> AsyncIterator[Stranger]:
    """The gateway's certificate must be this one."""
    host = f"{department}.{TRIAL_DOMAIN}"
    tls = ssl.create_default_context(cafile=certificate)
    async with httpx.AsyncClient(
        base_url=f"https://{THIS_MACHINE}", headers={"host": host}, transport=Named(tls, host), timeout=30
    ) as http:
        yield Stranger(http)


def must(answer: httpx.Response, status: int = 200) -> Any:
    """The body. AssertionError: another status."""
    assert answer.status_code == status, f"{answer.request.url.path}: {answer.status_code} {answer.text[:500]}"
    return answer.json()
