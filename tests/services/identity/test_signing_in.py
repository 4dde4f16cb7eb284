"""Signing in by password over HTTP."""

from uuid import UUID

import pytest

from shared.contracts.identity import Role
from tests.services.identity.examples import ZHENGDING
from tests.services.identity.office import PASSWORD, Office, appointment, code, sign_in_of, someone

WRONG = "incorrect horse battery"


async def test_a_citizen_signs_in_and_sees_who_he_is(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with identity.client() as client:
        tokens = (await client.post("/sign-in", json=sign_in_of(wang))).json()
    async with identity.client(tokens["access_token"]) as client:
        me = await client.get("/me")

    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert me.json() == {
        "kind": "citizen",
        "level": "verified",
        "citizen": str(id),
        "name": "王小明",
        "id_number": f"{wang['id_number'][:6]}********{wang['id_number'][14:]}",
        "phone": "138****0000",
        "division": wang["division"],
        "division_name": "河北省石家庄市正定县正定镇塔元庄村",
        "address": "12号",
        "proof": {
            "by": "counter",
            "title": {"zh": "窗口核验", "en": "seen at a counter"},
            "method": "card",
            "is_stand_in": False,
        },
    }


async def test_an_unknown_number_and_a_wrong_password_get_the_same_answer(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        wrong = await client.post("/sign-in", json=sign_in_of(wang, WRONG))
        unknown = await client.post("/sign-in", json=sign_in_of(someone()))

    assert code(wrong) == code(unknown) == (401, "wrong_credentials")
    assert {**wrong.json(), "correlation_id": 0} == {**unknown.json(), "correlation_id": 0}


@pytest.mark.parametrize("new", ["short", "13800000000"])
async def test_a_new_password_keeps_to_the_rules(identity: Office, new: str) -> None:
    id = await identity.register(someone())
    async with identity.client(identity.department.token("citizen", id)) as client:
        answer = await client.post("/me/password", json={"current": PASSWORD, "new": new})

    assert code(answer) == (422, "wrong_password")


async def test_staff_sign_in_and_see_their_appointment(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        appointed = await desk.post("/staff", json=appointment("li.police"))
    await identity.staff_sign_in("li.police")
    async with identity.client() as client:
        tokens = (await client.post("/staff/sign-in", json={"login": "Li.Police ", "password": PASSWORD})).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        me = await client.get("/me")

    assert me.json() == {
        "kind": "staff",
        "staff": appointed.json()["staff"],
        "name": "李警官",
        "roles": ["registrar"],
        "division": ZHENGDING,
        "division_name": "河北省石家庄市正定县",
        "department": None,
    }


async def test_staff_change_their_password(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        id = UUID((await desk.post("/staff", json=appointment("qian.police"))).json()["staff"])
    await identity.staff_sign_in("qian.police")
    async with identity.client(identity.department.token("staff", id)) as client:
        named = await client.post("/me/password", json={"current": PASSWORD, "new": "qian.police!"})
        changed = await client.post("/me/password", json={"current": PASSWORD, "new": "another horse battery"})
        new = await client.post("/staff/sign-in", json={"login": "qian.police", "password": "another horse battery"})

    assert code(named) == (422, "wrong_password")
    assert (changed.status_code, new.status_code) == (200, 200)
