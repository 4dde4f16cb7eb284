"""Administrators at work over HTTP."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.identity.domain.staff import STAFF, DismissStaff
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Context
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.identity.examples import NAMESAKE, ZHENGDING
from tests.services.identity.office import ONE_TIME, Office, appointment, code, fields

HEBEI = "130000000000"


async def test_an_administrator_appoints_within_his_division(identity: Office) -> None:
    async with await identity.desk(Role.administrator, division=HEBEI) as client:
        answer = await client.post("/staff", json=appointment("zhou.police"))

    assert answer.status_code == 201
    assert answer.headers["event-id"]
    assert answer.json() == {
        "staff": str(identity.pseudonyms.staff("zhou.police")),
        "name": "李警官",
        "login": "zhou.police",
        "roles": ["registrar"],
        "division": ZHENGDING,
        "division_name": "河北省石家庄市正定县",
        "department": None,
        "is_verified": False,
    }


async def test_one_for_the_whole_country_appoints_anywhere(identity: Office) -> None:
    async with await identity.desk(Role.administrator, division=WHOLE_COUNTRY) as client:
        there = await client.post("/staff", json=appointment("wu.police"))
        equal = await client.post(
            "/staff", json=appointment("zheng.admin", roles=["administrator"], division=WHOLE_COUNTRY)
        )

    assert (there.status_code, equal.status_code) == (201, 201)
    assert equal.json()["division_name"] == "全国"


@pytest.mark.parametrize("division", [NAMESAKE, HEBEI, WHOLE_COUNTRY])
async def test_nobody_appoints_beyond_his_division(identity: Office, division: str) -> None:
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/staff", json=appointment("feng.police", division=division))

    assert code(answer) == (403, "outside_division")


async def test_a_registrar_appoints_nobody(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        assert code(await client.post("/staff", json=appointment("chen.police"))) == (403, "role_needed")
        assert code(await client.get("/staff")) == (403, "role_needed")


async def test_who_no_longer_serves_appoints_nobody(identity: Office) -> None:
    id = await identity.appoint(Role.administrator)
    await identity.store.execute(STAFF.stream(id), STAFF, DismissStaff(UUID(int=1), datetime.now(UTC)), Context())
    token = identity.department.token("staff", id, [Role.administrator], ZHENGDING)
    async with identity.client(token) as client:
        assert code(await client.post("/staff", json=appointment("chu.police"))) == (401, "dismissed")


async def test_of_two_appointed_at_once_under_one_login_one_wins(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        answers = await asyncio.gather(*(client.post("/staff", json=appointment("wei.police")) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"login": "王警官"}, "login"),
        ({"password": "too short"}, "password"),
        ({"password": "jiang.police"}, "password"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"division": "990000000000"}, "division"),
        ({"name": "3"}, "name"),
    ],
)
async def test_what_is_wrong_is_named(identity: Office, wrong: dict[str, object], field: str) -> None:
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/staff", json=appointment("jiang.police", **wrong))

    assert (answer.status_code, fields(answer)) == (422, [field])


async def test_an_administrator_dismisses_and_doing_so_again_changes_nothing(identity: Office) -> None:
    id = await identity.appoint(Role.registrar)
    async with await identity.desk(Role.administrator) as client:
        first = await client.post(f"/staff/{id}/dismiss")
        second = await client.post(f"/staff/{id}/dismiss")

    assert (first.status_code, second.status_code) == (200, 200)
    assert "event-id" in first.headers
    assert "event-id" not in second.headers


async def test_nobody_dismisses_beyond_his_division(identity: Office) -> None:
    id = await identity.appoint(Role.registrar, division=NAMESAKE)
    async with await identity.desk(Role.administrator) as client:
        assert code(await client.post(f"/staff/{id}/dismiss")) == (403, "outside_division")


async def test_nobody_dismisses_himself(identity: Office) -> None:
    id = await identity.appoint(Role.administrator)
    async with identity.client(identity.department.token("staff", id, [Role.administrator], ZHENGDING)) as client:
        assert code(await client.post(f"/staff/{id}/dismiss")) == (409, "not_oneself")


async def test_nobody_cannot_be_dismissed(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/staff/00000000-0000-4000-8000-000000000000/dismiss")

    assert code(answer) == (404, "no_such_staff")


async def test_the_directory_shows_who_serves_and_who_did(new_identity: Office) -> None:
    async with await new_identity.desk(Role.administrator) as client:
        for login in ("a.police", "b.police"):
            await client.post("/staff", json=appointment(login))
        gone = new_identity.pseudonyms.staff("b.police")
        await client.post(f"/staff/{gone}/dismiss")
        pages = []
        after: str | None = ""
        while after is not None:
            page = (await client.get("/staff", params={"limit": 1, "after": after})).json()
            pages.append(page["staff"])
            after = page["next"]

    assert [len(page) for page in pages] == [1, 1, 1]
    seen = {row["login"]: row for (row,) in pages if row["login"].endswith(".police")}
    assert seen["a.police"]["dismissed_at"] is None
    assert seen["b.police"]["dismissed_at"] is not None
    assert seen["a.police"]["roles"] == ["registrar"]


async def test_the_password_of_an_appointment_opens_nothing(identity: Office) -> None:
    """But the choice of an own one: who appoints cannot go on as the one appointed, unseen."""
    async with await identity.desk(Role.administrator) as client:
        await client.post("/staff", json=appointment("shi.police"))
    async with identity.client() as client:
        refused = await client.post("/staff/sign-in", json={"login": "shi.police", "password": ONE_TIME})
        tokens = await identity.staff_sign_in("shi.police")
        again = await client.post("/staff/sign-in", json={"login": "shi.police", "password": ONE_TIME})

    assert code(refused) == (403, "initial_password")
    assert tokens["refresh_token"]
    assert code(again) == (401, "wrong_credentials")


async def test_no_answer_tells_a_password(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client:
        appointed = await client.post("/staff", json=appointment("shen.police"))
        listed = await client.get("/staff")

    assert ONE_TIME not in appointed.text + listed.text
    assert "argon2" not in appointed.text + listed.text
