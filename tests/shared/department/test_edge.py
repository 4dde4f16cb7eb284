"""What a client does to a connection is no failure of the department."""

import asyncio
from typing import Any

from structlog.testing import capture_logs

from tests.department import Department


def scope_of(method: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"department"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("department", 80),
    }


async def exchange(department: Department, scope: dict[str, Any], *messages: dict[str, Any]) -> list[Any]:
    """What is sent for these messages; after them the client is gone."""
    coming, sent = iter(messages), []

    async def receive() -> Any:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    await department.app(scope, receive, send)  # type: ignore[arg-type]
    return sent


async def test_a_client_that_leaves_in_its_body_is_no_failure(department: Department) -> None:
    token = f"Bearer {department.token()}".encode()
    json = (b"content-type", b"application/json")
    scope = scope_of("POST", "/loans/0192a000-0000-7000-8000-000000000001", json, (b"authorization", token))
    part = {"type": "http.request", "body": b"{", "more_body": True}
    with capture_logs() as lines:
        sent = await exchange(department, scope, part)
    assert sent[0]["status"] == 400
    assert not [line for line in lines if line["log_level"] in ("error", "critical", "warning")]


async def test_the_server_still_knows_that_head_was_asked(department: Department) -> None:
    scope = scope_of("HEAD", "/health/live")
    sent = await exchange(department, scope, {"type": "http.request", "body": b"", "more_body": False})
    assert scope["method"] == "HEAD"
    assert sent[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b""


async def test_a_request_that_the_end_cuts_short_may_come_again(department: Department) -> None:
    """uvicorn cancels what is not done in time; left to it, that would be an internal error (500)."""
    token = f"Bearer {department.token()}".encode()
    json = (b"content-type", b"application/json")
    scope = scope_of("POST", "/loans/0192a000-0000-7000-8000-000000000002", json, (b"authorization", token))
    reading, sent = asyncio.Event(), list[Any]()

    async def receive() -> Any:
        reading.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    request = asyncio.create_task(department.app(scope, receive, send))  # type: ignore[arg-type]
    await reading.wait()
    request.cancel()
    await request
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"retry-after"]) == (503, b"2")
