"""Trying passwords: sprayers end, owners get in, nothing grows, nothing tells whether an account exists."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.devices import LIVES, Devices
from services.identity.trying import CITIZENS, CLIENT, PASSWORD_CHANGE, SESSIONS_DAY, Trying
from shared.contracts.errors import TooMany
from shared.contracts.identity import Role
from shared.department.counts import BITS, Counts, Limit
from tests.services.identity.office import (
    ONE_TIME,
    PASSWORD,
    Office,
    appointment,
    code,
    fresh_phone,
    seen_of,
    sign_in_of,
    someone,
)

WRONG = "incorrect horse battery"
LIMIT = CITIZENS.account.most
NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)  # what is past is swept meanwhile


async def spray(identity: Office, person: dict[str, str], times: int = LIMIT) -> list[tuple[int, str]]:
    """Wrong passwords, each from an address of its own."""
    answers = []
    for _ in range(times):
        async with identity.client() as client:
            answers.append(code(await client.post("/sign-in", json=sign_in_of(person, WRONG))))
    return answers


@pytest.mark.parametrize("exists", [True, False])
async def test_after_five_failures_a_password_is_not_enough(identity: Office, exists: bool) -> None:
    wang = someone()
    if exists:
        await identity.register(wang)
    failed = await spray(identity, wang)
    async with identity.client() as client:
        right = await client.post("/sign-in", json=sign_in_of(wang))

    assert failed == [(401, "wrong_credentials")] * LIMIT
    assert code(right) == (429, "code_needed")
    assert 0 < int(right.headers["retry-after"]) <= 15 * 60


async def test_the_owner_gets_in_on_a_known_device_whoever_tries(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        device = (await client.post("/sign-in", json=sign_in_of(wang))).json()["device"]
        await spray(identity, wang, 12)
        owner = await client.post("/sign-in", json=sign_in_of(wang, device=device))

    assert owner.status_code == 200


async def test_the_owner_gets_in_by_a_code_on_a_new_device(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.enter(wang)
    await identity.open_account(wang, phone)
    async with await identity.desk(Role.registrar) as desk:
        await desk.post("/verifications", json=seen_of(wang, phone))
    await spray(identity, wang, 12)
    right = await identity.code(phone, "sign_in")
    wrong = "000000" if right != "000000" else "111111"
    async with identity.client() as client:
        guessed = await client.post("/sign-in", json=sign_in_of(wang, code=wrong))
        owner = await client.post("/sign-in", json=sign_in_of(wang, code=right))
        again = await client.post("/sign-in", json=sign_in_of(wang, code=right))

    assert code(guessed) == code(again) == (429, "code_needed")
    assert owner.status_code == 200


async def test_strangers_do_not_use_up_the_owners_code(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.enter(wang)
    await identity.open_account(wang, phone)
    async with await identity.desk(Role.registrar) as desk:
        await desk.post("/verifications", json=seen_of(wang, phone))
    await spray(identity, wang)
    right = await identity.code(phone, "sign_in")
    async with identity.client() as stranger:
        guesses = [
            code(await stranger.post("/sign-in", json=sign_in_of(wang, WRONG, code=f"{n:06}"))) for n in range(12)
        ]
    async with identity.client() as client:
        owner = await client.post("/sign-in", json=sign_in_of(wang, code=right))

    assert set(guesses) == {(429, "code_needed")}
    assert owner.status_code == 200


async def test_a_code_of_ones_own_phone_opens_nobody_elses_account(identity: Office) -> None:
    wang, stranger = someone(), fresh_phone()
    await identity.register(wang)
    await spray(identity, wang)
    own = await identity.code(stranger, "sign_in")
    async with identity.client() as client:
        by_code = await client.post("/sign-in", json=sign_in_of(wang, code=own))

    assert code(by_code) == (429, "code_needed")


async def test_a_device_knows_one_account_and_has_a_few_tries(identity: Office) -> None:
    wang, li = someone(), someone(name="李小明")
    for one in (wang, li):
        await identity.register(one)
    async with identity.client() as client:
        device = (await client.post("/sign-in", json=sign_in_of(wang))).json()["device"]
    for one in (wang, li):
        await spray(identity, one)
    async with identity.client() as client:
        other = await client.post("/sign-in", json=sign_in_of(li, device=device))
        tries = [code(await client.post("/sign-in", json=sign_in_of(wang, WRONG, device=device))) for _ in range(6)]

    assert code(other) == (429, "code_needed")
    assert tries == [*[(401, "wrong_credentials")] * 5, (429, "code_needed")]


async def test_guesses_made_side_by_side_count_too(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        answers = await asyncio.gather(
            *(client.post("/sign-in", json=sign_in_of(wang, f"{WRONG}{n}")) for n in range(12))
        )

    assert sum(answer.status_code == 401 for answer in answers) == LIMIT


async def test_a_client_that_sprays_names_ends_after_tens(identity: Office) -> None:
    owner = someone()
    await identity.register(owner)
    async with identity.client() as client:
        answers = [code(await client.post("/sign-in", json=sign_in_of(someone(), WRONG))) for _ in range(40)]
        right = await client.post("/sign-in", json=sign_in_of(owner))
    async with identity.client() as elsewhere:
        home = await elsewhere.post("/sign-in", json=sign_in_of(owner))

    assert answers == [*[(401, "wrong_credentials")] * CLIENT.most, *[(429, "code_needed")] * 10]
    assert code(right) == (429, "code_needed")
    assert home.status_code == 200


async def test_behind_a_sprayers_address_an_owner_gets_in_by_code(identity: Office) -> None:
    owner, phone = someone(), fresh_phone()
    await identity.enter(owner)
    await identity.open_account(owner, phone)
    async with await identity.desk(Role.registrar) as desk:
        await desk.post("/verifications", json=seen_of(owner, phone))
    async with identity.client() as client:
        for _ in range(CLIENT.most):
            await client.post("/sign-in", json=sign_in_of(someone(), WRONG))
        by_code = await identity.code(phone, "sign_in")
        wrong = await client.post("/sign-in", json=sign_in_of(owner, WRONG, code=by_code))
        right = await client.post("/sign-in", json=sign_in_of(owner, code=by_code))
        staff = await client.post("/staff/sign-in", json={"login": "nobody.here", "password": WRONG})

    assert code(wrong) == (429, "code_needed")
    assert right.status_code == 200
    assert code(staff) == (401, "wrong_credentials")


async def test_ten_thousand_names_from_one_client_cost_tens_of_tries_and_bounded_rows(new_identity: Office) -> None:
    trying = Trying(Counts(new_identity.department.engine.pool, b"a secret"))
    tried = 0

    async def one(n: int) -> None:
        nonlocal tried
        async with trying.trial("198.51.100.7", TOMORROW, CITIZENS, f"citizen {n}") as trial:
            try:
                trial.ensure_client(TOMORROW)
            except TooMany:
                return
            tried += not trial.needs_more

    for start in range(0, 10_000, 100):
        await asyncio.gather(*(one(n) for n in range(start, start + 100)))
    rows = await new_identity.department.engine.pool.fetchval("select count(*) from counts")

    assert tried == CLIENT.most
    assert rows <= 10_000 + 2 < 2**BITS
    assert (
        await new_identity.department.engine.pool.fetchval("select count(*) from events where type like '%Attempt%'")
        == 0
    )


async def test_while_too_many_are_tried_in_all_everybody_needs_more(
    new_identity: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit("failures citizens", 3, timedelta(minutes=15))
    wang = someone()
    await new_identity.register(wang)
    async with new_identity.client() as client:
        device = (await client.post("/sign-in", json=sign_in_of(wang))).json()["device"]
        monkeypatch.setattr("services.identity.sign_in.CITIZENS", type(CITIZENS)(CITIZENS.account, few))
        for _ in range(4):
            await spray(new_identity, someone(), 1)
        anybody = await client.post("/sign-in", json=sign_in_of(wang))
        known = await client.post("/sign-in", json=sign_in_of(wang, device=device))

    assert code(anybody) == (429, "code_needed")
    assert known.status_code == 200


async def test_who_signed_in_is_not_counted(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        answers = [await client.post("/sign-in", json=sign_in_of(wang)) for _ in range(LIMIT + 3)]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("login", ["zhao.police", "nobody"])
async def test_staff_get_in_by_device_or_by_their_administrator(identity: Office, login: str) -> None:
    async with await identity.desk(Role.administrator) as desk:
        await desk.post("/staff", json=appointment("zhao.police"))
    async with identity.client() as client:
        body = {"login": login, "password": WRONG}
        failed = [code(await client.post("/staff/sign-in", json=body)) for _ in range(LIMIT + 1)]

    assert failed[-2:] == [(401, "wrong_credentials"), (429, "code_needed")]


async def test_a_one_time_password_is_a_way_in_while_strangers_try(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        id = (await desk.post("/staff", json=appointment("wei.locked"))).json()["staff"]
        await identity.staff_sign_in("wei.locked")
        async with identity.client() as client:
            for _ in range(LIMIT + 1):
                await client.post("/staff/sign-in", json={"login": "wei.locked", "password": WRONG})
            own = {"login": "wei.locked", "password": PASSWORD, "new": "another horse battery"}
            guessed = await client.post("/staff/first-password", json=own)
            given = (await desk.post(f"/staff/{id}/one-time-password")).json()["initial_password"]
            chosen = await client.post("/staff/first-password", json={**own, "password": given})
            device = chosen.json()["device"]
            back = await client.post(
                "/staff/sign-in", json={"login": "wei.locked", "password": "another horse battery", "device": device}
            )

    assert code(guessed) == (401, "wrong_credentials")
    assert (chosen.status_code, back.status_code) == (200, 200)


async def test_the_password_of_an_appointment_is_tried_so_often(identity: Office) -> None:
    """Whoever appointed them may have chosen a poor one. The way in: a one-time password that the department makes."""
    async with await identity.desk(Role.administrator) as desk, identity.client() as client:
        id = (await desk.post("/staff", json=appointment("yan.police"))).json()["staff"]
        choice = {"login": "yan.police", "password": WRONG, "new": PASSWORD}
        for _ in range(LIMIT):
            await client.post("/staff/first-password", json=choice)
        shut = await client.post("/staff/first-password", json={**choice, "password": ONE_TIME})
        given = (await desk.post(f"/staff/{id}/one-time-password")).json()["initial_password"]
        chosen = await client.post("/staff/first-password", json={**choice, "password": given})

    assert code(shut) == (401, "wrong_credentials")
    assert chosen.status_code == 200


async def test_a_password_is_changed_by_proof_of_the_old_one_within_a_limit_of_its_own(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with identity.client(identity.department.token("citizen", id)) as client:
        body = {"current": WRONG, "new": "another horse battery"}
        answers = [await client.post("/me/password", json=body) for _ in range(PASSWORD_CHANGE.most + 1)]
        sign_in = await client.post("/sign-in", json=sign_in_of(wang))

    assert [code(a)[0] for a in answers] == [*[401] * PASSWORD_CHANGE.most, 429]
    assert sign_in.status_code == 200


async def test_an_account_opens_so_many_sessions_a_day(identity: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.identity.sessions.SESSIONS_DAY", Limit("few sessions", 2, SESSIONS_DAY.within, None))
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        answers = [await client.post("/sign-in", json=sign_in_of(wang)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_device_token_is_for_one_account_and_lives_for_months() -> None:
    devices = Devices(b"a key")
    mine, other = UUID(int=1), UUID(int=2)
    token = devices.issue(mine, NOW, NOW)

    assert devices.known(token, mine, NOW, NOW) is not None
    assert devices.known(token, other, NOW, NOW) is None
    assert devices.known(token, mine, NOW, NOW + LIVES) is None
    assert Devices(b"another").known(token, mine, NOW, NOW) is None


def test_a_device_is_forgotten_with_a_new_password() -> None:
    devices = Devices(b"a key")
    token = devices.issue(UUID(int=1), NOW, NOW)
    assert devices.known(token, UUID(int=1), TOMORROW, NOW) is None


@pytest.mark.parametrize("token", [None, "", "a.b.c", "....", f"{UUID(int=1)}.99999999999999999999.x", "ü.1.ü"])
def test_what_is_no_device_token_is_none(token: str | None) -> None:
    assert Devices(b"a key").known(token, UUID(int=1), NOW, NOW) is None
