"""Every way to say no, in both languages, without anything that should stay inside."""

from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from tests.department import Department

INSIDE = "13800138000"  # every failure that could carry something personal carries this

NO = [
    ("refused", 409, "closed", "今天闭馆。", "Closed today."),
    ("invalid", 422, "wrong", "有误。", "Wrong."),
    ("not_signed_in", 401, "who", "请登录。", "Sign in."),
    ("not_allowed", 403, "no", "不可以。", "You may not."),
    ("not_found", 404, "gone", "没有。", "Not there."),
    ("too_many", 429, "often", "太频繁。", "Too often."),
    ("key_reused", 422, "idempotency_key_reused", "换一个新的键", "send a new key"),
    ("conflict", 409, "concurrency_conflict", "请刷新后重试", "look again and retry"),
    ("unavailable", 503, "unavailable", "稍后", "retry shortly"),
    ("refused_connection", 503, "unavailable", "稍后", "retry shortly"),
    ("ended_session", 503, "unavailable", "稍后", "retry shortly"),
    ("not_valid", 422, "digit", "校验码有误。", "The check digit is wrong."),
    ("validation", 422, "invalid", "按提示逐项更正", "correct the fields named"),
    ("poison", 500, "internal_error", "系统出错", "on our side"),
    ("bug", 500, "internal_error", "系统出错", "on our side"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("how", "status", "code", "zh", "en"), NO, ids=[row[0] for row in NO])
async def test_each_failure_has_its_answer(
    department: Department, how: str, status: int, code: str, zh: str, en: str, language: str
) -> None:
    async with department.client(language=language) as client:
        answer = await client.get(f"/fail/{how}", headers={"X-Correlation-Id": "asked"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == status
    assert (problem["code"], problem["type"]) == (code, f"urn:tongban:problem:{code}")
    assert (zh if language == "zh" else en) in problem["detail"]
    assert (problem["correlation_id"], problem["instance"]) == ("asked", f"/fail/{how}")
    assert problem["title"]
    assert INSIDE not in answer.text


@pytest.mark.parametrize(
    ("how", "header", "value"),
    [
        ("not_signed_in", "www-authenticate", 'Bearer error="invalid_token"'),
        ("too_many", "retry-after", "8"),
        ("too_many_plain", "retry-after", "60"),
        ("unavailable", "retry-after", "2"),
    ],
)
async def test_a_failure_that_can_be_mended_says_how_in_a_header(
    stranger: httpx.AsyncClient, how: str, header: str, value: str
) -> None:
    assert (await stranger.get(f"/fail/{how}")).headers[header] == value


async def test_a_refusal_names_the_fields_to_correct(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/fail/invalid")).json()["errors"] == [{"field": "a.b", "message": "A is wrong."}]


@pytest.mark.parametrize("how", [row[0] for row in NO])
async def test_the_log_of_a_failure_holds_nothing_personal(stranger: httpx.AsyncClient, how: str) -> None:
    with capture_logs() as lines:
        await stranger.get(f"/fail/{how}")
    assert lines
    assert INSIDE not in str(lines)


async def test_a_bug_is_logged_with_its_place_and_correlation_id(stranger: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        answer = await stranger.get("/fail/bug")
    line = next(line for line in lines if line["event"] == "request failed")
    assert line["exception"] == "ZeroDivisionError"
    assert line["at"][-1].endswith(" fail")
    assert line["correlation_id"] == answer.headers["x-correlation-id"]


# Chinese is what a person gets who asks for nothing, or for a language we do not speak.
@pytest.mark.parametrize(("asked", "given"), [("fr", "zh-CN"), ("", "zh-CN"), ("en-GB,zh;q=0.3", "en"), ("*", "zh-CN")])
async def test_the_language_is_the_one_asked_for(department: Department, asked: str, given: str) -> None:
    async with department.client(language=asked) as client:
        assert (await client.get("/nowhere")).headers["content-language"] == given


@pytest.mark.parametrize("path", ["/nowhere", "/loans/not-a-uuid", "/schema/nothing", "/published/1"])
async def test_an_unknown_address_is_a_problem_too(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")


async def test_a_method_an_address_does_not_know_is_a_problem_naming_those_it_does(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.delete("/who")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("body", [b'{"title": ', b"'title'", b'{"title": NaN}', b'{"title": 01}'])
async def test_broken_json_is_a_problem(citizen: httpx.AsyncClient, body: bytes) -> None:
    answer = await citizen.post(f"/loans/{uuid4()}", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "json_broken")


async def test_a_form_sent_instead_of_json_is_told_what_to_send(citizen: httpx.AsyncClient) -> None:
    answer = await citizen.post(f"/loans/{uuid4()}", data={"title": "史记"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_not_supported")
    assert "application/json" in answer.json()["detail"]


async def test_every_answer_carries_the_security_headers(stranger: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/nowhere", "/fail/bug", "/who", "/schema"):
        headers = (await stranger.get(path)).headers
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers.get("cache-control") == ("public, max-age=300" if path == "/schema" else "no-store")
