"""The gate: who listens and does not serve yet, turns away or lets wait; who drains, serves and closes connections."""

import asyncio

import httpx
import pytest
from litestar.types import Receive, Scope, Send

from shared.department import gate as module
from shared.department.edge import Edge
from shared.department.gate import Gate


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"served", "more_body": False})


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def asked(gate: Gate) -> httpx.Response:
    transport = httpx.ASGITransport(app=Edge(app, gate=gate))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://department") as client:
        return await client.get("/")


async def test_while_closed_it_turns_away_at_once(gate: Gate) -> None:
    answer = await asked(gate)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


async def test_while_held_requests_wait_and_are_served(gate: Gate) -> None:
    gate.hold()
    waiting = asyncio.create_task(asked(gate))
    await asyncio.wait((waiting,), timeout=0.05)
    assert not waiting.done()
    gate.open()
    assert (await waiting).text == "served"


async def test_nobody_waits_for_ever(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_AT_MOST", 0.01)
    gate.hold()
    assert (await asked(gate)).status_code == 503


async def test_while_draining_it_serves_and_closes_connections(gate: Gate) -> None:
    gate.open()
    assert "connection" not in (await asked(gate)).headers
    gate.drain()
    answer = await asked(gate)
    assert (answer.text, answer.headers["connection"]) == ("served", "close")
