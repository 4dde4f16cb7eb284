"""Over HTTP: keys of neighbours that do not come, and giving one up."""

import httpx
import pytest

from shared.contracts.identity import Role
from tests.department import Department
from tests.shared.messaging.attacked import keys_of

KEYS = [f"abcdefghij{nth}" for nth in range(3)]
FEED = "local.identity.people"
REASON = {"reason": "identity has lost it"}


def officer(department: Department) -> httpx.AsyncClient:
    return department.client(
        department.token("staff", roles=[Role.operator], division="130000000000", department="library")
    )


async def test_from_the_list_to_the_giving_up(department: Department) -> None:
    async with officer(department) as client:
        assert (await client.get("/operations/keys")).json() == {"keys": [], "next": None}
        await keys_of(department.engine).note_missing(KEYS, FEED)
        first = (await client.get("/operations/keys?limit=2")).json()
        rest = (await client.get("/operations/keys", params={"after": first["next"]})).json()
        assert [one["id"] for one in first["keys"] + rest["keys"]] == KEYS
        assert {(one["provider"], one["feed"]) for one in first["keys"]} == {("local.identity", FEED)}
        at = f"/operations/keys/local.identity/{KEYS[0]}/give-up"
        given_up = await client.post(at, json=REASON)
        assert (given_up.status_code, given_up.json()["reason"]) == (200, REASON["reason"])
        assert given_up.json()["given_up_by"].startswith("staff:")
        again = await client.post(at, json=REASON)
        assert (again.status_code, again.json()["code"]) == (404, "key_not_missing")
        assert len((await client.get("/operations/keys")).json()["keys"]) == 2
        assert len((await client.get("/operations/keys?given_up=true")).json()["keys"]) == 3


@pytest.mark.parametrize("place", ["x", "local.identity", "local.identity abc", "a\0b abcdefghijk"])
async def test_what_is_no_place_in_the_list_is_refused(department: Department, place: str) -> None:
    async with officer(department) as client:
        assert (await client.get("/operations/keys", params={"after": place})).status_code in (400, 422)


@pytest.mark.parametrize("path", ["local.identity/%00/give-up", "a%00b/abcdefghijk/give-up", "x/y/give-up"])
async def test_what_is_no_key_is_not_found(department: Department, path: str) -> None:
    async with officer(department) as client:
        assert (await client.post(f"/operations/keys/{path}", json=REASON)).status_code in (400, 404)


async def test_nobody_but_operators_of_this_department(department: Department) -> None:
    for token in (
        department.token(),
        department.token("staff", roles=[Role.operator], division="130000000000", department="harbour"),
    ):
        async with department.client(token) as client:
            assert (await client.get("/operations/keys")).status_code == 403
            assert (await client.post("/operations/keys/a/b/give-up", json=REASON)).status_code == 403
