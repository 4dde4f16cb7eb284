"""One line a request, and nothing in it that tells who or what."""

import json
from uuid import uuid4

import httpx
import structlog
from structlog.testing import capture_logs

from shared.department.logs import place_of, without_messages
from tests.department import Department

SECRET = "13800138000"


async def test_a_request_is_one_line_with_its_route_not_its_path(department: Department) -> None:
    token, loan = department.token(), uuid4()
    async with department.client(token) as client:
        with capture_logs() as lines:
            answer = await client.post(f"/loans/{loan}", json={"title": SECRET})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/loans/{loan}", 201)
    assert line["correlation_id"] == answer.headers["x-correlation-id"]
    assert line["ms"] > 0
    for private in (token, SECRET, str(loan)):
        assert private not in json.dumps(lines, default=str)


async def test_an_unknown_path_is_not_logged(stranger: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await stranger.get(f"/people/{SECRET}?q={SECRET}")
    assert [line["route"] for line in lines] == ["unknown"]
    assert SECRET not in str(lines)


async def test_a_bad_body_or_token_is_not_logged(stranger: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await stranger.post("/everything", json={"name": SECRET, SECRET: 1})
        await stranger.get(f"/search?limit={SECRET}x")
        await stranger.get("/who", headers={"authorization": f"Bearer {SECRET}"})
    assert len(lines) == 3
    assert SECRET not in str(lines)


async def test_no_line_is_made_when_the_level_does_not_admit_it(department: Department) -> None:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    try:
        with capture_logs() as lines:
            async with department.client() as client:
                assert (await client.get("/health/live")).status_code == 200
    finally:
        structlog.configure(**before)
    assert lines == []


def test_an_exception_is_told_by_type_and_place() -> None:
    try:
        try:
            int(SECRET + "x")
        except ValueError as cause:
            raise LookupError(SECRET) from cause
    except LookupError as error:
        told = place_of(error)
        event = without_messages(None, "error", {"event": "failed", "exc_info": True})
    assert told["exception"] == "LookupError < ValueError"
    assert "test_an_exception_is_told_by_type_and_place" in str(told["at"])
    assert event["exception"] == told["exception"]
    assert SECRET not in str(event)
