"""What was filled in wrongly is told field by field, in the asker's language, and never repeated."""

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, Field, ValidationError

from shared.contracts.identity import Role
from shared.department.field_errors import field_errors
from tests.department import Department

ROLES = " or ".join((", ".join(f"'{role}'" for role in [*Role][:-1]), f"'{[*Role][-1]}'"))
WRONG: list[tuple[str, Any, str, str]] = [
    ("name", "x", "至少2个字符。", "At least 2 characters, please."),
    ("name", "xxxxxx", "最多4个字符。", "At most 4 characters, please."),
    ("name", "X9", "格式不正确，请核对。", "The form of this is not right; please check it."),
    ("name", 17, "应为文本。", "This should be text."),
    ("count", 0, "不得小于1。", "This should be at least 1."),
    ("count", 77, "不得大于9。", "This should be at most 9."),
    ("count", "many", "应为整数。", "This should be a whole number."),
    ("id", "secret-id", "应为UUID格式的编号。", "This should be an id in UUID form."),
    (
        "day",
        "2024-02-30",
        "没有这一天，请核对年月日。",
        "There is no such day; please check the day, the month and the year.",
    ),
    (
        "day",
        "2024-2-3",
        "应为日历上有的日期，如2024-05-01。",
        "This should be a day of the calendar, such as 2024-05-01.",
    ),
    (
        "at",
        "yesterday",
        "应为带时区的时间，如2024-05-01T09:00:00+08:00。",
        "This should be a time with its offset, such as 2024-05-01T09:00:00+08:00.",
    ),
    ("kind", "stone", "应为以下之一：'paper' or 'card'。", "This should be one of 'paper' or 'card'."),
    (
        "role",
        "emperor",
        f"应为以下之一：{ROLES}。",
        f"This should be one of {ROLES}.",
    ),
    ("many", "one", "应为列表。", "This should be a list."),
    ("even", 3333, "应为偶数。", "This should be even."),
    ("stranger", "hello", "不支持此项，请删除。", "There is no such field; please remove it."),
    ("count", 1.5, "应为整数。", "This should be a whole number."),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("field", "value", "zh", "en"), WRONG)
async def test_a_wrong_field_is_named_with_what_to_do(
    department: Department, field: str, value: Any, zh: str, en: str, language: str
) -> None:
    async with department.client(language=language) as client:
        answer = await client.post("/everything", json={field: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"] == [{"field": field, "message": zh if language == "zh" else en}]
    assert str(value) not in answer.text.replace(answer.json()["correlation_id"], "") or value in (0, "x", "one", 17)


async def test_a_standard_says_in_its_own_words_what_is_wrong(department: Department) -> None:
    async with department.client(language="zh") as client:
        errors = (await client.post("/everything", json={"phone": "123"})).json()["errors"]
    assert errors == [{"field": "phone", "message": "手机号码应为11位，请核对后重新输入。"}]


async def test_several_mistakes_are_told_at_once_and_by_their_place(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/everything", json={"count": 99, "many": [1, "two", 3, "four"]})
    assert [error["field"] for error in answer.json()["errors"]] == ["count", "many.1", "many.3"]


async def test_a_missing_field_is_named(citizen: httpx.AsyncClient) -> None:
    answer = await citizen.post("/loans/00000000-0000-4000-8000-000000000000", json={})
    assert answer.json()["errors"] == [{"field": "title", "message": "This is required."}]


async def test_a_missing_body_is_told(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/everything")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "body", "message": "This is required."}]


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "7"])
async def test_a_body_that_is_no_object_is_told(stranger: httpx.AsyncClient, body: str) -> None:
    answer = await stranger.post("/everything", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


async def test_a_missing_query_parameter_is_named(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/search")
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "limit", "message": "This is required."}])


async def test_a_wrong_query_parameter_is_named_and_not_repeated(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/search?limit=13800138000x")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"
    assert "13800138000" not in answer.text


async def test_an_unknown_field_with_an_endless_name_is_cut(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/everything", json={"x" * 5000: 1})
    assert answer.json()["errors"][0]["field"] == "x" * 100


def test_a_list_is_not_called_too_short_for_what_is_wrong_in_it() -> None:
    class Entry(BaseModel):
        name: str

    class Listed(BaseModel):
        items: tuple[Entry, ...] = Field(min_length=1)

    with pytest.raises(ValidationError) as wrong:
        Listed.model_validate({"items": [{}]})
    assert [one.field for one in field_errors(wrong.value.errors(), "en")] == ["items.0.name"]
    with pytest.raises(ValidationError) as empty:
        Listed.model_validate({"items": []})
    assert [one.field for one in field_errors(empty.value.errors(), "en")] == ["items"]
