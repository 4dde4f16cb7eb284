"""Registrars at work over HTTP."""

import asyncio

import pytest

from shared.contracts.identity import Role
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NAMESAKE, PINGNAN_VILLAGE, TAYUANZHUANG, ZHENGDING
from tests.services.identity.office import Office, code, fields, fresh_number, someone


async def test_a_registrar_enters_a_person_of_his_division(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        entered = await client.post("/people", json=wang)
        seen = await client.get(f"/people/{entered.json()['person']}")

    assert entered.status_code == 201
    assert entered.headers["event-id"]
    assert (
        entered.json()
        == seen.json()
        == {
            **wang,
            "person": entered.json()["person"],
            "division_name": "河北省石家庄市正定县正定镇塔元庄村",
            "died_on": None,
            "guardians": [],
            **dict.fromkeys(("household_number", "householder", "householder_name", "relation")),
            **dict.fromkeys(("annulment", "annulled_at")),
        }
    )


async def test_the_same_number_is_not_entered_twice(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        await client.post("/people", json=wang)
        again = await client.post("/people", json={**wang, "name": "王大明"})

    assert code(again) == (409, "already_in_register")


async def test_of_many_who_enter_the_same_number_at_once_exactly_one_wins(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        answers = await asyncio.gather(*(client.post("/people", json={**wang, "address": f"{n}号"}) for n in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


async def test_entering_repeated_under_its_key_is_told_the_same_again(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        first, second = [await client.post("/people", json=wang, headers={"idempotency-key": "one"}) for _ in range(2)]
        other = await client.post("/people", json={**wang, "name": "王大明"}, headers={"idempotency-key": "one"})

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.headers["event-id"] == second.headers["event-id"]
    assert code(other) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id_number": "130123198503120018"}, "id_number"),  # check digit
        ({"id_number": "130123198502300018"}, "id_number"),  # 30 February
        ({"division": "990000000000"}, "division"),
        ({"division": ZHENGDING}, "division"),
        ({"name": "王3"}, "name"),
        ({"address": " "}, "address"),
        ({"age": 3}, "age"),
    ],
)
async def test_what_is_wrong_is_named(identity: Office, wrong: dict[str, object], field: str) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people", json={**wang, **wrong})

    assert (answer.status_code, fields(answer)) == (422, [field])


async def test_nobody_is_entered_before_he_is_born(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people", json={**wang, "id_number": "130123209901010019"})

    assert code(answer) == (422, "future_date")


async def test_a_problem_does_not_repeat_what_was_sent(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people", json={**wang, "id_number": "130123198503120018"})

    assert "130123198503120018" not in answer.text
    assert "王小明" not in answer.text


async def test_what_was_refused_claims_no_number(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        await client.post("/people", json={**wang, "name": "王3"})

    claim = f"id-{identity.pseudonyms.id_number(IdNumber(wang['id_number']))}"
    assert await identity.types_of(claim) == []


async def test_a_registrar_does_not_enter_people_elsewhere(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.registrar) as client:
        answer = await client.post("/people", json={**wang, "division": NAMESAKE})

    assert code(answer) == (403, "outside_division")


async def test_a_role_other_than_registrar_does_not_do(identity: Office) -> None:
    wang = someone()
    async with await identity.desk(Role.reviewer, Role.administrator) as client:
        answer = await client.post("/people", json=wang)

    assert code(answer) == (403, "role_needed")


async def test_a_citizen_is_no_registrar(identity: Office) -> None:
    async with identity.client(identity.department.token("citizen")) as client:
        answer = await client.get("/people")

    assert code(answer) == (403, "role_needed")


async def test_without_signing_in_there_is_no_register(identity: Office) -> None:
    async with identity.client() as client:
        assert code(await client.get("/people")) == (401, "token_missing")


async def test_an_entry_elsewhere_is_as_good_as_none(identity: Office) -> None:
    wang = someone()
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar, division=NAMESAKE) as client:
        seen = await client.get(f"/people/{person}")
        unknown = await client.get("/people/00000000-0000-4000-8000-000000000000")
        corrected = await client.post(
            f"/people/{person}/correct", json={"name": "王二", "id_number": wang["id_number"], "reason": "错"}
        )

    assert code(seen) == code(unknown) == code(corrected) == (404, "no_such_person")


async def test_a_correction_frees_the_wrong_number_and_takes_the_right_one(identity: Office) -> None:
    wang, right = someone(), fresh_number()
    async with await identity.desk(Role.registrar) as client:
        person = (await client.post("/people", json=wang)).json()["person"]
        correction = {"name": "王晓明", "id_number": right, "reason": "录入错误"}
        corrected = await client.post(f"/people/{person}/correct", json=correction)
        taken = await client.post("/people", json={**wang, "id_number": right})
        other = await client.post("/people", json=wang)

    assert (corrected.status_code, corrected.json()["name"], corrected.json()["id_number"]) == (
        200,
        "王晓明",
        right,
    )
    assert code(taken) == (409, "already_in_register")
    assert other.status_code == 201
    assert other.json()["person"] != person


async def test_a_number_that_is_anothers_cannot_be_corrected_to(identity: Office) -> None:
    wang, right = someone(), fresh_number()
    async with await identity.desk(Role.registrar) as client:
        await client.post("/people", json={**wang, "name": "李华", "id_number": right})
        person = (await client.post("/people", json=wang)).json()["person"]
        correction = {"name": "王小明", "id_number": right, "reason": "录入错误"}
        answer = await client.post(f"/people/{person}/correct", json=correction)

    assert code(answer) == (409, "id_number_taken")


@pytest.mark.parametrize("division", [ZHENGDING, NAMESAKE])
async def test_a_household_is_moved_by_the_place_it_leaves_or_goes_to(identity: Office, division: str) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar, division=division) as client:
        moved = await client.post(f"/people/{person}/move", json={"division": NAMESAKE, "address": "3栋"})

    assert (moved.status_code, moved.json()["division"], moved.json()["address"]) == (200, NAMESAKE, "3栋")


async def test_a_household_is_not_moved_by_a_third_place(identity: Office) -> None:
    person = await identity.enter(someone())
    async with await identity.desk(Role.registrar, division="450000000000") as client:
        answer = await client.post(f"/people/{person}/move", json={"division": NAMESAKE, "address": "3栋"})

    assert code(answer) == (403, "outside_division")


async def test_the_register_is_leafed_through_page_by_page(new_identity: Office) -> None:
    async with await new_identity.desk(Role.registrar, division="000000000000") as client:
        for place in [TAYUANZHUANG, NAMESAKE, TAYUANZHUANG, NAMESAKE, PINGNAN_VILLAGE]:
            await new_identity.enter(someone(division=place))
        seen: list[dict[str, str]] = []
        after = ""
        while True:
            page = (await client.get("/people", params={"limit": 2, "after": after})).json()
            seen += page["people"]
            if page["next"] is None:
                break
            after = page["next"]
        in_zhengding = (await client.get("/people", params={"division": ZHENGDING})).json()

    assert [row["division"] for row in seen] == [NAMESAKE, NAMESAKE, TAYUANZHUANG, TAYUANZHUANG, PINGNAN_VILLAGE]
    assert len({row["person"] for row in seen}) == 5
    assert {row["division"] for row in in_zhengding["people"]} == {TAYUANZHUANG}
    assert all("*" in row["id_number"] for row in seen)


async def test_an_empty_register_is_an_empty_list(new_identity: Office) -> None:
    async with await new_identity.desk(Role.registrar) as client:
        answer = await client.get("/people")

    assert answer.json() == {"people": [], "next": None}


@pytest.mark.parametrize(
    "asked", [{"limit": "0"}, {"limit": "201"}, {"after": "nonsense"}, {"division": "13"}, {"division": "xx"}]
)
async def test_a_page_that_cannot_be_is_refused(identity: Office, asked: dict[str, str]) -> None:
    async with await identity.desk(Role.registrar) as client:
        answer = await client.get("/people", params=asked)

    assert answer.status_code == 422


async def test_a_registrar_leafs_through_his_own_division_only(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as client:
        answer = await client.get("/people", params={"division": "130000000000"})

    assert code(answer) == (403, "outside_division")
