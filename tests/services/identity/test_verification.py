"""From a phone to a person: at a counter, and by an identity provider."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import httpx
import pytest

from services.identity.domain.account import ACCOUNT, ChangePassword
from services.identity.domain.person import PERSON, RecordDeath
from services.identity.sessions import Sessions
from shared.contracts.errors import Unavailable
from shared.contracts.identity import Role
from shared.department import message_gateway
from shared.eventstore.aggregate import Context
from tests.services.identity.examples import NAMESAKE, NOW, PHONE, ZHENGDING
from tests.services.identity.office import (
    PASSWORD,
    STAND_IN,
    Office,
    code,
    fresh_number,
    fresh_phone,
    seen_of,
    sign_in_of,
    someone,
)
from tests.until import until


async def phone_holder(identity: Office, person: dict[str, str], phone: str) -> httpx.AsyncClient:
    """The client of somebody who has opened an account and signed in to it."""
    await identity.open_account(person, phone)
    async with identity.client() as client:
        tokens = (await client.post("/sign-in", json=sign_in_of(person, phone=phone))).json()
    return identity.client(tokens["access_token"])


async def vouched(client: httpx.AsyncClient, person: dict[str, str], **changes: Any) -> str:
    """What the stand-in says of this person, as it was asked to."""
    challenge = (await client.post("/me/verification/challenge")).json()
    told = {"audience": challenge["audience"], "nonce": challenge["nonce"], "now": datetime.now(UTC), **changes}
    return STAND_IN.vouch(told.pop("name", person["name"]), told.pop("id_number", person["id_number"]), **told)


async def test_who_proved_a_phone_sees_what_to_do_next(identity: Office) -> None:
    phone = fresh_phone()
    async with await phone_holder(identity, someone(), phone) as client:
        me = (await client.get("/me")).json()

    assert (me["kind"], me["level"], me["phone"]) == ("citizen", "account", phone.masked)
    assert [step["code"] for step in me["next"]] == ["online", "counter"]


async def test_the_one_token_of_a_phone_lasts_half_an_hour(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.open_account(wang, phone)
    async with identity.client() as client:
        tokens = (await client.post("/sign-in", json=sign_in_of(wang, phone=phone))).json()

    assert (tokens["level"], tokens["expires_in"], tokens["refresh_token"]) == ("account", 1800, None)


@pytest.mark.parametrize("route", ["/households/mine"])
async def test_what_binds_a_person_is_closed_to_a_phone(identity: Office, route: str) -> None:
    wang = someone()
    await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        answer = await client.get(route)

    assert answer.status_code in (401, 403)


async def test_a_person_proves_who_they_are_on_line(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.enter(wang)
    async with await phone_holder(identity, wang, phone) as client:
        answer = await client.post("/me/verification", json={"assertion": await vouched(client, wang)})
        tokens = answer.json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        me = (await client.get("/me")).json()
        refreshed = await client.post("/token/refresh", json={"refresh_token": tokens["refresh_token"]})

    assert (answer.status_code, tokens["level"], tokens["citizen"]) == (200, "verified", str(id))
    assert tokens["proof"]["is_stand_in"] is True
    assert "替身" in tokens["proof"]["title"]["zh"]
    assert (me["level"], me["citizen"], me["proof"]) == ("verified", str(id), tokens["proof"])
    assert refreshed.status_code == 200
    assert await identity.types_of(f"account-{id}") == ["CitizenRegistered", "VerifiedByProvider", "PasswordSet"]


async def test_the_same_proof_sent_again_finds_its_outcome(identity: Office) -> None:
    wang = someone()
    id = await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        proof = {"assertion": await vouched(client, wang)}
        first, second = [await client.post("/me/verification", json=proof) for _ in range(2)]

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.headers["event-id"] == second.headers["event-id"]
    assert (await identity.types_of(f"account-{id}")).count("CitizenRegistered") == 1


async def test_a_proof_for_another_challenge_or_of_nobody_is_refused(identity: Office) -> None:
    wang = someone()
    await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        answers = [
            await client.post("/me/verification", json={"assertion": await vouched(client, wang, **changes)})
            for changes in ({"nonce": "made up"}, {"nonce": None}, {"audience": "certificates"})
        ]
        answers.append(await client.post("/me/verification", json={"assertion": "nonsense"}))

    assert {code(answer) for answer in answers} == {(422, "assertion_wrong")}


async def test_an_older_challenge_is_over(identity: Office) -> None:
    wang = someone()
    await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        old = await vouched(client, wang)
        await client.post("/me/verification/challenge")
        answer = await client.post("/me/verification", json={"assertion": old})

    assert code(answer) == (422, "assertion_wrong")


async def test_a_proof_of_another_person_does_not_fit(identity: Office) -> None:
    wang, li = someone(), someone(name="李小明")
    for one in (wang, li):
        await identity.enter(one)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        answer = await client.post("/me/verification", json={"assertion": await vouched(client, li)})

    assert code(answer) == (409, "another_person")


async def test_whom_the_register_does_not_hold_is_told_so(identity: Office) -> None:
    nobody, namesake = someone(), someone()
    await identity.enter(namesake)
    answers = []
    for person, name in ((nobody, "王小明"), (namesake, "王大明")):
        async with await phone_holder(identity, person, fresh_phone()) as client:
            proof = await vouched(client, person, name=name)
            answers.append(code(await client.post("/me/verification", json={"assertion": proof})))

    assert answers == [(409, "not_in_register")] * 2


async def test_who_is_verified_need_not_be_again(identity: Office) -> None:
    id = await identity.register(someone())
    async with identity.client(identity.department.token("citizen", id)) as client:
        assert code(await client.post("/me/verification/challenge")) == (409, "already_verified")
    async with await identity.desk(Role.registrar) as desk:
        assert code(await desk.post("/me/verification/challenge")) == (403, "citizens_only")


@pytest.mark.parametrize("role", [Role.registrar, Role.window])
async def test_an_officer_verifies_who_shows_the_card(identity: Office, role: Role) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.enter(wang)
    await identity.open_account(wang, phone)
    officer = await identity.appoint(role)
    token = identity.department.token("staff", officer, (role,), ZHENGDING)
    async with identity.client(token, **{"idempotency-key": f"seen-{phone}"}) as desk:
        first, again = [await desk.post("/verifications", json=seen_of(wang, phone)) for _ in range(2)]
    async with identity.client() as client:
        signed_in = (await client.post("/sign-in", json=sign_in_of(wang))).json()

    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, again.json())
    assert first.json()["citizen"] == str(id)
    assert (first.json()["proof"]["by"], signed_in["level"]) == ("counter", "verified")
    data = await identity.department.engine.pool.fetchval(
        "select data::text from events where stream = $1 and type = 'identity.VerifiedAtCounter'", f"account-{id}"
    )
    assert str(officer) in data


@pytest.mark.parametrize("role", [Role.registrar, Role.window])
async def test_an_officer_verifies_nobody_of_elsewhere(identity: Office, role: Role) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.register(wang)
    await identity.open_account(wang, phone)
    async with await identity.desk(role, division=NAMESAKE) as desk:
        answer = await desk.post("/verifications", json=seen_of(wang, phone))

    assert code(answer) == (403, "outside_division")
    assert "AccountPhoneChanged" not in await identity.types_of(f"account-{id}")


async def test_an_officer_does_not_verify_themselves(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.enter(wang)
    await identity.open_account(wang, phone)
    async with await identity.desk_of(wang, Role.window) as desk:
        answer = await desk.post("/verifications", json=seen_of(wang, phone))

    assert code(answer) == (409, "not_ones_own_matter")


async def test_at_a_counter_the_phone_was_proved_before(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    await identity.enter(wang)
    await identity.open_account(someone(), phone)
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post("/verifications", json=seen_of(wang, phone))
    async with await identity.desk(Role.reviewer) as reviewer:
        refused = await reviewer.post("/verifications", json=seen_of(wang, phone))

    assert code(answer) == (404, "no_account")
    assert code(refused) == (403, "role_needed")


async def test_a_new_phone_replaces_the_old_which_is_told(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.register(wang)
    async with identity.client() as client:
        before = (await client.post("/sign-in", json=sign_in_of(wang))).json()
        await identity.open_account(wang, phone, password="another horse battery")
        async with await identity.desk(Role.registrar) as desk:
            assert (await desk.post("/verifications", json=seen_of(wang, phone))).status_code == 201
        old_session = await client.post("/token/refresh", json={"refresh_token": before["refresh_token"]})
        old = await client.post("/sign-in", json=sign_in_of(wang))
        new = await client.post("/sign-in", json=sign_in_of(wang, "another horse battery"))
        by_phone = await client.post("/sign-in", json=sign_in_of(wang, "another horse battery", phone=phone))
        by_old_phone = await client.post("/sign-in", json=sign_in_of(wang, "another horse battery", phone=PHONE))

    async def told() -> bool:
        kept = await message_gateway.newest(identity.department.engine.pool, PHONE)
        return any(one.kind == "phone_replaced" for one in kept)

    assert code(old_session) == (401, "session_over")
    assert code(old) == code(by_old_phone) == (401, "wrong_credentials")
    assert (new.status_code, by_phone.status_code) == (200, 200)
    assert "AccountPhoneChanged" in await identity.types_of(f"account-{id}")
    await until(told)


async def test_verified_the_account_by_phone_is_gone(identity: Office) -> None:
    wang = someone()
    await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        await client.post("/me/verification", json={"assertion": await vouched(client, wang)})
        assert code(await client.get("/me")) == (401, "session_over")


async def test_a_stranger_with_name_and_number_gets_nothing_of_the_owner(identity: Office) -> None:
    """The stranger proves a phone of their own and claims to be somebody else."""
    owner = someone()
    id = await identity.register(owner)
    async with await phone_holder(identity, owner, fresh_phone()) as stranger:
        me = (await stranger.get("/me")).json()
        household = await stranger.get("/households/mine")
    async with identity.client() as client:
        own = await client.post("/sign-in", json=sign_in_of(owner))

    assert me["level"] == "account"
    assert str(id) not in str(me)
    assert UUID(me["account"]) != id
    assert household.status_code in (401, 403)
    assert own.json()["level"] == "verified"


async def test_a_challenge_names_who_may_vouch_and_who_stands_in(identity: Office) -> None:
    async with await phone_holder(identity, {**someone(), "id_number": fresh_number()}, fresh_phone()) as client:
        challenge = (await client.post("/me/verification/challenge")).json()

    assert [one["is_stand_in"] for one in challenge["providers"]] == [True]


async def proved(identity: Office, person: dict[str, str]) -> tuple[httpx.AsyncClient, dict[str, str], dict[str, Any]]:
    """Their client as it was before, the proof that was sent, and the tokens it gave."""
    await identity.enter(person)
    client = await phone_holder(identity, person, fresh_phone())
    proof = {"assertion": await vouched(client, person)}
    answer = await client.post("/me/verification", json=proof)
    assert answer.status_code == 200, answer.text
    return client, proof, answer.json()


async def test_a_lost_answer_is_told_again_as_one_session(identity: Office) -> None:
    client, proof, first = await proved(identity, someone())
    async with aclosing(client):
        again = (await client.post("/me/verification", json=proof)).json()
        refreshed = await client.post("/token/refresh", json={"refresh_token": again["refresh_token"]})

    assert (again["refresh_token"], again["session_ends_at"]) == (first["refresh_token"], first["session_ends_at"])
    assert refreshed.status_code == 200


async def test_of_two_sendings_at_once_there_is_one_session(identity: Office) -> None:
    wang = someone()
    await identity.enter(wang)
    async with await phone_holder(identity, wang, fresh_phone()) as client:
        proof = {"assertion": await vouched(client, wang)}
        answers = await asyncio.gather(*(client.post("/me/verification", json=proof) for _ in range(3)))

    told = {answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}
    assert len(told) == 1


async def test_a_proof_gives_nothing_once_its_session_was_refreshed(identity: Office) -> None:
    client, proof, first = await proved(identity, someone())
    async with aclosing(client):
        await client.post("/token/refresh", json={"refresh_token": first["refresh_token"]})
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")


async def test_a_proof_gives_nothing_after_signing_out(identity: Office) -> None:
    client, proof, first = await proved(identity, someone())
    async with aclosing(client):
        await client.post("/sign-out", json={"refresh_token": first["refresh_token"]})
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")


async def test_a_proof_gives_nothing_after_a_new_password(identity: Office) -> None:
    client, proof, first = await proved(identity, someone())
    bearer = {"authorization": f"Bearer {first['access_token']}"}
    new = {"current": PASSWORD, "new": "another horse battery"}
    async with aclosing(client):
        assert (await client.post("/me/password", json=new, headers=bearer)).status_code == 200
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")


async def test_a_proof_gives_nothing_after_a_later_one(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    client, proof, _ = await proved(identity, wang)
    await identity.open_account(wang, phone)
    async with aclosing(client), await identity.desk(Role.registrar) as desk:
        assert (await desk.post("/verifications", json=seen_of(wang, phone))).status_code == 201
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")


async def test_a_proof_of_a_person_who_died_gives_nothing(identity: Office) -> None:
    wang = someone()
    client, proof, first = await proved(identity, wang)
    id = UUID(first["citizen"])
    await identity.store.execute(PERSON.stream(id), PERSON, RecordDeath(NOW.date(), NOW), Context())
    async with aclosing(client):
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")


async def broken_off(
    identity: Office, monkeypatch: pytest.MonkeyPatch
) -> tuple[httpx.AsyncClient, dict[str, str], UUID]:
    """As `proved`, but for a crash before the session was opened."""
    wang = someone()
    id = await identity.enter(wang)
    client = await phone_holder(identity, wang, fresh_phone())
    proof = {"assertion": await vouched(client, wang)}
    with monkeypatch.context() as patch:
        patch.setattr(Sessions, "open", AsyncMock(side_effect=Unavailable("gone")))
        assert (await client.post("/me/verification", json=proof)).status_code == 503
    return client, proof, id


async def test_a_session_that_a_crash_kept_out_is_opened(identity: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    client, proof, _ = await broken_off(identity, monkeypatch)
    async with aclosing(client):
        answers = [await client.post("/me/verification", json=proof) for _ in range(2)]

    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_it_is_not_opened_after_a_new_password(identity: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    client, proof, id = await broken_off(identity, monkeypatch)
    change = ChangePassword("no hash", datetime.now(UTC))
    await identity.store.execute(ACCOUNT.stream(id), ACCOUNT, change, Context())
    async with aclosing(client):
        assert code(await client.post("/me/verification", json=proof)) == (401, "session_over")
