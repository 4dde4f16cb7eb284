"""Entering many people over HTTP."""

import json
from typing import Any

import httpx
import pytest

from shared.contracts.identity import Role
from tests.services.identity.examples import NAMESAKE, ZHENGDING
from tests.services.identity.office import Office, code, someone

CSV = {"content-type": "text/csv; charset=utf-8"}


def csv(*people: dict[str, str]) -> str:
    header = "name,id_number,division,address"
    return "\n".join([header, *(",".join(person[name] for name in header.split(",")) for person in people)]) + "\n"


async def send(client: httpx.AsyncClient, people: Any) -> dict[str, Any]:
    answer = await client.post("/people/import", json=people)
    assert answer.status_code == 200
    report: dict[str, Any] = answer.json()
    return report


async def test_a_list_is_entered(identity: Office) -> None:
    people = [someone(name=f"王{c}") for c in "甲乙丙"]
    async with await identity.desk(Role.registrar) as client:
        report = await send(client, people)
        seen = [(await client.get(f"/people/{row['person']}")).json()["name"] for row in report["entered"]]

    assert (seen, report["rejected"]) == (["王甲", "王乙", "王丙"], [])


async def test_a_csv_file_is_entered(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people/import", content=csv(someone(), someone()), headers=CSV)

    assert [row["line"] for row in answer.json()["entered"]] == [2, 3]


async def test_good_lines_are_entered_and_bad_ones_named(identity: Office) -> None:
    known, twice = someone(), someone()
    await identity.enter(known)
    async with await identity.desk(Role.registrar) as client:
        report = await send(
            client,
            [
                someone(),
                someone(id_number="130123198503120018"),
                someone(division="990000000000"),
                someone(division=ZHENGDING),
                someone(division=NAMESAKE),
                known,
                {"name": "王小明"},
                "nonsense",
                twice,
                twice,
                someone(id_number="130123209901010019"),
                someone(),
            ],
        )

    assert [row["line"] for row in report["entered"]] == [1, 9, 12]
    assert [(row["line"], row["code"], [error["field"] for error in row["errors"]]) for row in report["rejected"]] == [
        (2, "invalid", ["id_number"]),
        (3, "invalid", ["division"]),
        (4, "wrong_division", ["division"]),
        (5, "outside_division", []),
        (6, "already_in_register", []),
        (7, "invalid", ["id_number", "division", "address"]),
        (8, "invalid", ["body"]),
        (10, "repeated_in_list", []),
        (11, "future_date", []),
    ]


async def test_a_rejected_line_is_explained_in_the_language_asked_for_without_what_it_held(identity: Office) -> None:
    bad = someone(id_number="130123198503120018", name="王某某")
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people/import", json=[bad], headers={"accept-language": "zh-CN"})

    assert answer.json()["rejected"][0]["errors"][0]["message"] == "公民身份号码校验不通过，请对照身份证逐位核对。"
    assert bad["id_number"] not in answer.text
    assert bad["name"] not in answer.text


async def test_an_import_repeated_under_its_key_is_told_the_same_again(identity: Office) -> None:
    people = [someone(), someone(name="王3"), someone()]
    async with await identity.desk(Role.registrar) as client:
        client.headers["idempotency-key"] = "import"
        assert await send(client, people) == await send(client, people)


async def test_an_import_repeated_without_a_key_enters_nobody_twice(identity: Office) -> None:
    people = [someone(), someone()]
    async with await identity.desk(Role.registrar) as client:
        await send(client, people)
        report = await send(client, people)

    assert [row["code"] for row in report["rejected"]] == ["already_in_register"] * 2


async def test_a_thousand_people_are_entered(identity: Office) -> None:
    people = [someone() for _ in range(1000)]
    async with await identity.desk(Role.registrar) as client:
        report = await send(client, people)

    assert [row["line"] for row in report["entered"]] == list(range(1, 1001))


async def test_more_than_a_thousand_are_refused(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people/import", json=[{}] * 1001)

    assert code(answer) == (422, "list_too_long")


async def test_an_empty_list_is_no_error(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        assert await send(client, []) == {"entered": [], "rejected": []}


@pytest.mark.parametrize(
    ("content_type", "body", "answered"),
    [
        ("application/json", "{}", (422, "not_a_list")),
        ("application/json", "[1", (400, "json_broken")),
        ("text/csv", "a,b\n", (422, "columns_wrong")),
        ("text/plain", "[]", (415, "media_type_not_supported")),
    ],
)
async def test_what_is_no_list_is_refused(
    identity: Office, content_type: str, body: str, answered: tuple[int, str]
) -> None:
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people/import", content=body, headers={"content-type": content_type})

    assert code(answer) == answered


async def test_only_registrars_import(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/people/import", content=json.dumps([]), headers=CSV)

    assert code(answer) == (403, "role_needed")
