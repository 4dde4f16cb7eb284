"""Bodies and addresses of strangers: no request whatever makes an error of ours."""

import gzip
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import httpx
import pytest

from shared.standards.check_digits import mod_11_2
from tests.department import Department
from tests.doors.five import NAMES, Five, tokens_of
from tests.doors.hostile_requests import HOSTILE_REQUESTS, JSON, Hostile, hostile_of

ONE_OF = int(os.environ.get("HOSTILE_ONE_OF", "90"))  # of what the description leads to; `make attack` sends them all
PROBLEM = "application/problem+json"


async def complaints(department: Department, token: str | None, requests: Sequence[Hostile]) -> list[str]:
    """What should not have been answered so."""
    found = []
    async with department.client(token) as client:
        for one in requests:
            answer = await sent(client, one)
            if answer is None:
                continue
            status, kind = answer.status_code, answer.headers.get("content-type", "")
            if status not in one.allowed or (status >= 400 and answer.content and not kind.startswith(PROBLEM)):
                found.append(f"{one.method} {one.name}: {status} {kind} {answer.text[:300]}")
    return found


async def sent(client: httpx.AsyncClient, one: Hostile) -> httpx.Response | None:
    """None: the client itself would not send it."""
    with suppress(httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError):
        return await client.request(one.method, one.path, content=one.body, headers=dict(one.headers))
    return None


@pytest.mark.parametrize("name", NAMES)
async def test_the_corpus_meets_no_error_of_ours(five: Five, name: str) -> None:
    some = HOSTILE_REQUESTS if name == "identity" else HOSTILE_REQUESTS[:: min(ONE_OF, 10)]
    assert await complaints(five[name], tokens_of(five[name])["staff"], some) == []


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_described_and_spoilt_meets_no_error_of_ours(five: Five, name: str) -> None:
    department = five[name]
    async with department.client() as client:
        document = (await client.get("/schema")).json()
    for number, token in enumerate(tokens_of(department).values()):
        spoilt = list(hostile_of(document))[number * ONE_OF // 4 :: ONE_OF]
        assert await complaints(department, token, spoilt) == []


@pytest.fixture
async def operator(five: Five) -> AsyncIterator[httpx.AsyncClient]:
    department = five["identity"]
    async with department.client(tokens_of(department)["staff"]) as client:
        yield client


RETRY = "/operations/parked/retry"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 100_000, 400, "json_too_deep"),
        (b'{"a":' * 20_000, 400, "json_too_deep"),
        (b"[" + b"0," * 60_000 + b"0]", 400, "json_too_many_values"),
        (b'{"feed": "\xff"}', 400, "not_utf8"),
        (b'{"feed": NaN}', 400, "json_broken"),
    ],
)
async def test_what_nobody_can_read_is_told_why(
    operator: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    answer = await operator.post(RETRY, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (b'{"feed": "a\\u0000"}', "feed", "control characters"),
        (b'{"stream": "\\ud800"}', "stream", "lone surrogate"),
        (b'{"feed": "a", "feed": "b"}', "feed", "twice"),
        (b'{"feed": 99999999999999999999999999999999999999999}', "feed", "too long"),
        (b'{"feed": 9007199254740992}', "feed", "out of range"),
        (b'{"a\\u0000b": 1}', "a?b", "control characters"),
    ],
)
async def test_what_may_not_be_in_a_body_is_named(
    operator: httpx.AsyncClient, body: bytes, field: str, says: str
) -> None:
    answer = await operator.post(RETRY, content=body, headers=JSON)
    [told] = answer.json()["errors"]
    assert (answer.status_code, told["field"]) == (422, field)
    assert says in told["message"]


async def test_an_unknown_parameter_is_named_with_those_there_are(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/people?id_number=11010519491231002X")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    [told] = answer.json()["errors"]
    assert told["field"] == "id_number"
    assert "after, division, limit" in told["message"]


async def test_a_parameter_given_twice_is_refused(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/people?limit=1&limit=2")
    assert (answer.status_code, answer.json()["code"]) == (422, "repeated_parameter")


async def test_a_moment_at_the_edge_of_the_calendar_is_named(five: Five) -> None:
    department = five["cases"]
    async with department.client(department.token()) as client:
        for moment in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59", "2023-02-29T00:00:00Z"):
            answer = await client.get(f"/cases/01928c3e-7c1a-7d52-9f7b-2f1f6f3a9b10?as_of={moment}")
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "as_of")


async def test_a_compressed_body_is_refused(operator: httpx.AsyncClient) -> None:
    headers = {**JSON, "content-encoding": "gzip"}
    answer = await operator.post(RETRY, content=gzip.compress(b"{}"), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "content_encoding_not_supported")


async def test_another_media_type_is_refused(operator: httpx.AsyncClient) -> None:
    answer = await operator.post(RETRY, content=b"{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_not_supported")


@pytest.mark.parametrize(
    ("name", "path", "limit"),
    [
        ("identity", "/people", "1 MiB"),
        ("certificates", "/evidence", "5 MiB"),
        ("certificates", "/check", "5 MiB"),
    ],
)
async def test_a_body_too_large_is_told_the_limit_of_its_route(five: Five, name: str, path: str, limit: str) -> None:
    department = five[name]
    async with department.client(tokens_of(department)["citizen" if path == "/evidence" else "staff"]) as client:
        if path == "/check":
            answer = await client.post(path, files={"file": b"x" * 6 * 1024 * 1024})
        else:
            kind = {"content-type": "application/json" if path == "/people" else "application/pdf"}
            answer = await client.post(path, content=b" " * 6 * 1024 * 1024, headers=kind)
    assert (answer.status_code, limit in answer.json()["detail"]) == (413, True)


async def test_head_answers_as_get_without_its_body(operator: httpx.AsyncClient) -> None:
    head, whole = await operator.head("/health/live"), await operator.get("/health/live")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


async def test_a_method_in_a_header_is_ignored(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/health/live", headers={"x-http-method-override": "DELETE"})
    assert answer.status_code == 200


@pytest.mark.parametrize("year", [1, 1799, 3000, 9990])
async def test_a_number_born_at_the_edge_of_the_calendar_is_no_number(operator: httpx.AsyncClient, year: int) -> None:
    body = f"130123{year:04}1231001"
    person = {
        "name": "王小明",
        "id_number": body + mod_11_2(body),
        "division": "130123100242",
        "address": "12号",
    }
    answer = await operator.post("/people", json=person)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "id_number")
