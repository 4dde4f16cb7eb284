"""Opening an account over HTTP."""

import asyncio

import pytest

from services.identity.domain.account import ACCOUNT, Opened
from tests.services.identity.office import PASSWORD, Office, code, fields, fresh_number, registration_of, someone


async def test_who_is_in_the_register_opens_an_account(identity: Office) -> None:
    wang = someone()
    id = await identity.enter(wang)
    async with identity.client() as client:
        answer = await client.post("/citizens", json=registration_of(wang))

    assert answer.status_code == 201
    assert answer.json() == {"citizen": str(id), "phone": "138****0000"}
    assert len(answer.headers["event-id"].split(",")) == 2


async def test_the_password_is_kept_as_a_hash_only(identity: Office) -> None:
    id = await identity.register(someone())

    account = (await identity.store.load(f"account-{id}", ACCOUNT)).state
    assert isinstance(account, Opened)
    assert account.password_hash.startswith("$argon2id$")
    stored = await identity.department.engine.pool.fetch(
        "select data::text from events where data::text like $1", f"%{PASSWORD}%"
    )
    assert stored == []


async def test_an_unknown_number_and_a_wrong_name_get_the_same_answer(identity: Office) -> None:
    wang, nobody = someone(), someone()
    await identity.enter(wang)
    async with identity.client() as client:
        wrong_name = await client.post("/citizens", json=registration_of(wang, name="李华"))
        unknown = await client.post("/citizens", json=registration_of(nobody))

    assert code(wrong_name) == code(unknown) == (409, "not_in_register")
    assert {**wrong_name.json(), "correlation_id": 0} == {**unknown.json(), "correlation_id": 0}


async def test_who_registered_is_told_so(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        again = await client.post("/citizens", json=registration_of(wang))
        stranger = await client.post("/citizens", json=registration_of(wang, name="李华"))

    assert code(again) == (409, "already_registered")
    assert code(stranger) == (409, "not_in_register")


async def test_of_many_registrations_at_once_exactly_one_wins(identity: Office) -> None:
    wang = someone()
    id = await identity.enter(wang)
    async with identity.client() as client:
        answers = await asyncio.gather(*(client.post("/citizens", json=registration_of(wang)) for _ in range(4)))

    assert sorted(code(a)[1] if a.is_error else "won" for a in answers) == [*["already_registered"] * 3, "won"]
    assert await identity.types_of(f"account-{id}") == ["CitizenRegistered", "PasswordSet"]


async def test_a_registration_repeated_under_its_key_is_told_the_same_again(identity: Office) -> None:
    wang = someone()
    await identity.enter(wang)
    async with identity.client(**{"idempotency-key": f"register-{wang['id_number']}"}) as client:
        first, second = [await client.post("/citizens", json=registration_of(wang)) for _ in range(2)]

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, first.json())
    assert first.headers["event-id"] == second.headers["event-id"]


@pytest.mark.parametrize("exists", [True, False])
async def test_guessing_names_ends_after_five_whether_or_not_the_number_exists(identity: Office, exists: bool) -> None:
    wang = someone()
    if exists:
        await identity.enter(wang)
    async with identity.client() as client:
        answers = [await client.post("/citizens", json=registration_of(wang, name=f"王{c}")) for c in "甲乙丙丁戊己"]
        right = await client.post("/citizens", json=registration_of(wang))

    assert [code(answer) for answer in answers] == [*[(409, "not_in_register")] * 5, (429, "too_many_attempts")]
    assert code(right) == (429, "too_many_attempts")
    assert 0 < int(right.headers["retry-after"]) <= 15 * 60


async def test_guessing_for_one_does_not_lock_out_another(identity: Office) -> None:
    wang, nobody = someone(), someone()
    await identity.enter(wang)
    async with identity.client() as client:
        for _ in range(6):
            await client.post("/citizens", json=registration_of(nobody))
        answer = await client.post("/citizens", json=registration_of(wang))

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id_number": "130123198503120018"}, "id_number"),
        ({"id_number": "130123198502300018"}, "id_number"),
        ({"phone": "12800000000"}, "phone"),
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


async def test_an_account_follows_a_corrected_number(identity: Office) -> None:
    wang, right = someone(), fresh_number()
    id = await identity.register(wang)
    await identity.correct(id, right)
    async with identity.client() as client:
        new = await client.post("/sign-in", json={"id_number": right, "password": PASSWORD})
        old = await client.post("/sign-in", json={"id_number": wang["id_number"], "password": PASSWORD})

    assert new.status_code == 200
    assert code(old) == (401, "wrong_credentials")
