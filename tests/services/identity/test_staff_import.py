"""Appointing many at once over HTTP, and what a one-time password opens."""

from functools import cache
from typing import Any

import httpx
import pytest

from shared.contracts.identity import Role
from tests.services.identity.examples import NAMESAKE, TAYUANZHUANG, ZHENGDING
from tests.services.identity.office import PASSWORD, Office, code, fields, fresh_number

OWN = "a password of my own"


def village(login: str, **changes: object) -> dict[str, object]:
    return {
        "login": login,
        "name": "审有民",
        "id_number": number_of(login),
        "roles": ["reviewer"],
        "division": TAYUANZHUANG,
        **changes,
    }


@cache
def number_of(login: str) -> str:
    """The same again for the same login."""
    return fresh_number()


async def send(client: httpx.AsyncClient, lines: Any) -> dict[str, Any]:
    answer = await client.post("/staff/import", json=lines)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def import_one(identity: Office, login: str) -> str:
    """His one-time password."""
    async with await identity.desk(Role.administrator) as client:
        [appointed] = (await send(client, [village(login)]))["appointed"]
    password: str = appointed["initial_password"]
    return password


async def test_each_of_a_list_gets_a_password_of_his_own(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        report = await send(client, [village(f"village.{n}") for n in range(3)])

    assert [row["line"] for row in report["appointed"]] == [1, 2, 3]
    assert len({row["initial_password"] for row in report["appointed"]}) == 3
    assert (report["unchanged"], report["rejected"]) == ([], [])


async def test_a_one_time_password_opens_nothing_but_the_choice_of_an_own_one(identity: Office) -> None:
    given = await import_one(identity, "village.first")
    async with identity.client() as client:
        refused = await client.post("/staff/sign-in", json={"login": "village.first", "password": given})
        chosen = await client.post(
            "/staff/first-password", json={"login": "village.first", "password": given, "new": OWN}
        )
        old = await client.post("/staff/sign-in", json={"login": "village.first", "password": given})
        new = await client.post("/staff/sign-in", json={"login": "village.first", "password": OWN})
        again = await client.post(
            "/staff/first-password", json={"login": "village.first", "password": OWN, "new": PASSWORD}
        )

    assert code(refused) == (403, "initial_password")
    assert chosen.json().keys() >= {"access_token", "refresh_token"}
    assert code(old) == (401, "wrong_credentials")
    assert new.status_code == 200
    assert code(again) == (401, "wrong_credentials")  # or an own password could be guessed here


async def test_an_own_password_is_another_than_the_one_time_password(identity: Office) -> None:
    given = await import_one(identity, "village.lazy")
    async with identity.client() as client:
        same = await client.post(
            "/staff/first-password", json={"login": "village.lazy", "password": given, "new": given}
        )
        wrong = await client.post("/staff/first-password", json={"login": "village.lazy", "password": OWN, "new": OWN})
        nobody = await client.post("/staff/first-password", json={"login": "nobody.here", "password": OWN, "new": OWN})

    assert (same.status_code, fields(same)) == (422, ["password"])
    assert code(wrong) == code(nobody) == (401, "wrong_credentials")


async def test_good_lines_are_appointed_and_bad_ones_named(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        await send(client, [village("village.known"), village("village.other")])
        report = await send(
            client,
            [
                village("village.good"),
                village("村账号"),
                village("village.place", division="990000000000"),
                village("village.far", division=NAMESAKE),
                village("village.king", roles=["king"]),
                village("village.none", roles=[]),
                village("village.known"),
                village("village.other", division=ZHENGDING),
                {"login": "village.short"},
                "nonsense",
                village("village.good"),
            ],
        )

    assert [row["line"] for row in report["appointed"]] == [1]
    assert [row["line"] for row in report["unchanged"]] == [7]
    assert [(row["line"], row["code"], [error["field"] for error in row["errors"]]) for row in report["rejected"]] == [
        (2, "wrong_login", ["login"]),
        (3, "invalid", ["division"]),
        (4, "outside_division", []),
        (5, "invalid", ["roles.0"]),
        (6, "invalid", ["roles"]),
        (8, "login_taken", []),
        (9, "invalid", ["roles", "division", "name", "id_number"]),
        (10, "invalid", ["body"]),
        (11, "repeated_in_list", []),
    ]


async def test_an_answer_that_was_lost_is_told_again_under_its_key(identity: Office) -> None:
    lines = [village("village.lost"), village("village.found")]
    async with await identity.desk(Role.administrator) as client:
        client.headers["idempotency-key"] = "staff-import"
        first, again = await send(client, lines), await send(client, lines)
        assert first == again
        async with identity.client() as anyone:
            given = first["appointed"][0]["initial_password"]
            await anyone.post("/staff/first-password", json={"login": "village.lost", "password": given, "new": OWN})
        later = await send(client, lines)

    assert [row["initial_password"] for row in later["appointed"]] == [None, first["appointed"][1]["initial_password"]]


async def test_without_a_key_who_is_there_already_is_left_as_he_is(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        await send(client, [village("village.twice")])
        report = await send(client, [village("village.twice")])

    there = {"line": 1, "staff": str(identity.pseudonyms.staff("village.twice")), "login": "village.twice"}
    assert (report["appointed"], report["unchanged"]) == ([], [there])


async def test_no_one_time_password_is_kept_in_clear(identity: Office) -> None:
    given = await import_one(identity, "village.secret")
    stored = await identity.department.engine.pool.fetchval(
        "select string_agg(data::text, '') from events where stream = $1",
        f"staff-{identity.pseudonyms.staff('village.secret')}",
    )
    assert "InitialPasswordSet" in (await identity.types_of(f"staff-{identity.pseudonyms.staff('village.secret')}"))
    assert given not in stored


@pytest.mark.parametrize(("body", "answered"), [({}, "not_a_list"), ([{}] * 1001, "list_too_long")])
async def test_what_is_no_list_or_too_long_is_refused(identity: Office, body: object, answered: str) -> None:
    async with await identity.desk(Role.administrator) as client:
        assert code(await client.post("/staff/import", json=body)) == (422, answered)


async def test_only_administrators_import(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        assert code(await client.post("/staff/import", json=[])) == (403, "role_needed")
