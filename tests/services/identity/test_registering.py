"""Opening an account by phone over HTTP: no answer depends on the register or on other accounts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity import phone_accounts
from services.identity.phone_accounts import KEPT_FOR, PhoneAccounts
from shared.department.tidying import tidy
from shared.standards.id_number import IdNumber
from tests.services.identity.office import (
    PASSWORD,
    Office,
    code,
    fields,
    fresh_number,
    fresh_phone,
    registration_of,
    sign_in_of,
    someone,
)


async def test_somebody_opens_an_account_by_a_code(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    claim = registration_of(wang, phone=phone, code=await identity.code(phone))
    async with identity.client() as client:
        answer = await client.post("/citizens", json=claim)

    opened = answer.json()
    assert answer.status_code == 201
    assert (opened["level"], opened["phone"]) == ("account", phone.masked)
    assert UUID(opened["account"]).version == 8
    assert "event-id" not in answer.headers


async def test_the_register_makes_no_difference(identity: Office) -> None:
    known, nobody = someone(), someone()
    await identity.enter(known)
    answers = []
    async with identity.client() as client:
        for person, name in ((known, known["name"]), (known, "李华"), (nobody, "王小明")):
            phone = fresh_phone()
            claim = registration_of(person, name=name, phone=phone, code=await identity.code(phone))
            answers.append(await client.post("/citizens", json=claim))

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({tuple(answer.json()) for answer in answers}) == 1


async def test_a_verified_account_makes_no_difference(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.register(wang)

    assert await identity.open_account(wang, phone)


async def test_an_account_by_phone_writes_no_history(identity: Office) -> None:
    before = await identity.department.engine.pool.fetchval("select count(*) from events")
    wang, phone = someone(), fresh_phone()
    await identity.open_account(wang, phone)
    async with identity.client() as client:
        await client.post("/sign-in", json=sign_in_of(wang, phone=phone))
        await client.post("/sign-in", json=sign_in_of(wang, "wrong horse battery", phone=phone))

    assert await identity.department.engine.pool.fetchval("select count(*) from events") == before


async def test_neither_number_nor_password_is_kept_in_clear(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.open_account(wang, phone)

    row = await identity.department.engine.pool.fetchrow("select * from phone_accounts where id = $1", id)
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$")
    assert not any(wang["id_number"] in str(value) or PASSWORD in str(value) for value in row.values())


async def test_without_the_right_code_there_is_no_account(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    right = await identity.code(phone)
    wrong = "000000" if right != "000000" else "111111"
    async with identity.client() as client:
        guessed = await client.post("/citizens", json=registration_of(wang, phone=phone, code=wrong))
        another = await client.post("/citizens", json=registration_of(wang, phone=fresh_phone(), code=right))
        opened = await client.post("/citizens", json=registration_of(wang, phone=phone, code=right))
        used = await client.post("/citizens", json=registration_of(wang, phone=phone, code=right))

    assert code(guessed) == code(another) == code(used) == (422, "code_wrong")
    assert fields(guessed) == ["code"]
    assert opened.status_code == 201


async def test_a_code_to_sign_in_opens_no_account(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    claim = registration_of(wang, phone=phone, code=await identity.code(phone, "sign_in"))
    async with identity.client() as client:
        assert code(await client.post("/citizens", json=claim)) == (422, "code_wrong")


async def test_repeated_under_its_key_it_is_told_the_same_again(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    claim = registration_of(wang, phone=phone, code=await identity.code(phone))
    async with identity.client(**{"idempotency-key": f"open-{phone}"}) as client:
        first, second = [await client.post("/citizens", json=claim) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["account"] == second.json()["account"]


async def test_another_request_under_its_key_finds_the_code_used(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    claim = registration_of(wang, phone=phone, code=await identity.code(phone))
    async with identity.client(**{"idempotency-key": f"open-{phone}"}) as client:
        first = await client.post("/citizens", json=claim)
        other = await client.post("/citizens", json={**claim, "password": "another horse battery"})

    assert first.status_code == 201
    assert code(other) == (422, "code_wrong")


async def test_opened_anew_the_password_is_the_new_one(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    now = datetime.now(UTC)
    accounts = PhoneAccounts(identity.department.engine.pool, identity.pseudonyms)
    first = await accounts.open(IdNumber(wang["id_number"]), phone, "one", now)
    second = await accounts.open(IdNumber(wang["id_number"]), phone, "two", now)

    found = await accounts.find(first.id, now)
    assert found is not None
    assert (first.id, found.password_hash) == (second.id, "two")


async def test_of_a_phones_accounts_the_oldest_gives_way(identity: Office) -> None:
    phone, now = fresh_phone(), datetime.now(UTC)
    accounts = PhoneAccounts(identity.department.engine.pool, identity.pseudonyms)
    opened = [await accounts.open(fresh_number(), phone, "hash", now + timedelta(seconds=n)) for n in range(8)]

    found = [await accounts.find(one.id, now) is not None for one in opened]
    assert found == [*[False] * 3, *[True] * phone_accounts.MOST_OF_A_PHONE]


async def test_after_30_days_it_is_gone(new_identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    id = await new_identity.open_account(wang, phone)
    pool = new_identity.department.engine.pool
    later = datetime.now(UTC) + KEPT_FOR

    assert await PhoneAccounts(pool, new_identity.pseudonyms).find(id, later) is None
    await tidy(pool, later)
    assert await pool.fetchval("select count(*) from phone_accounts") == 0


async def test_a_code_is_asked_for_with_one_answer(identity: Office) -> None:
    known, phone = someone(), fresh_phone()
    await identity.open_account(known, phone)
    async with identity.client() as client:
        answers = [
            await client.post("/codes", json={"phone": number, "purpose": purpose})
            for number in (phone, fresh_phone())
            for purpose in ("sign_up", "sign_in")
        ]
        unknown = await client.post("/codes", json={"phone": phone, "purpose": "anything"})

    assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"valid_for":300}')}
    assert (unknown.status_code, fields(unknown)) == (422, ["purpose"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id_number": "130123198503120018"}, "id_number"),
        ({"id_number": "130123198502300018"}, "id_number"),
        ({"phone": "12800000000"}, "phone"),
        ({"name": "1"}, "name"),
        ({"code": "12345"}, "code"),
        ({"code": "12345x"}, "code"),
        ({"password": "too short"}, "password"),
        ({"password": "13800000000"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"extra": "?"}, "extra"),
    ],
)
async def test_what_is_wrong_is_named(identity: Office, wrong: dict[str, str], field: str) -> None:
    async with identity.client() as client:
        answer = await client.post("/citizens", json=registration_of(someone(), **wrong))

    assert (answer.status_code, fields(answer)) == (422, [field])


async def test_the_id_number_is_no_password(identity: Office) -> None:
    wang = someone()
    async with identity.client() as client:
        answer = await client.post("/citizens", json=registration_of(wang, password=wang["id_number"].lower()))

    assert (answer.status_code, fields(answer)) == (422, ["password"])


async def test_a_verified_account_follows_a_corrected_number(identity: Office) -> None:
    wang, right = someone(), fresh_number()
    id = await identity.register(wang)
    await identity.correct(id, right)
    async with identity.client() as client:
        new = await client.post("/sign-in", json={"id_number": right, "password": PASSWORD})
        old = await client.post("/sign-in", json={"id_number": wang["id_number"], "password": PASSWORD})

    assert new.status_code == 200
    assert code(old) == (401, "wrong_credentials")
