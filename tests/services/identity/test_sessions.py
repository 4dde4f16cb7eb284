"""Staying signed in, and what ends it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from joserfc import jws

from services.identity.domain.session import GRACE
from services.identity.domain.staff import STAFF, DismissStaff
from services.identity.sessions import Tokens, hash_of
from shared.contracts.errors import NotSignedIn
from shared.contracts.identity import Role
from shared.department.counts import Limit
from shared.eventstore.aggregate import Context
from tests.services.identity.office import PASSWORD, Office, appointment, code, sign_in_of, someone

WRONG = "incorrect horse battery"


async def signed_in(identity: Office) -> dict[str, str]:
    """The tokens of someone who has just signed in."""
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        answer = await client.post("/sign-in", json=sign_in_of(wang))
    tokens: dict[str, str] = answer.json()
    return tokens


def of(tokens: Tokens) -> str:
    assert tokens.refresh_token is not None
    return tokens.refresh_token


def until_of(token: str) -> int | None:
    """Until when departments honour it while identity is away."""
    claims = orjson.loads(jws.extract_compact(token.encode()).payload)
    until: int | None = claims.get("until")
    return until


async def refreshed(client: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    return await client.post("/token/refresh", json={"refresh_token": refresh_token})


async def test_a_session_lasts_12_hours(identity: Office) -> None:
    tokens = await signed_in(identity)

    lasts = datetime.fromisoformat(tokens["session_ends_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)


async def test_signing_in_again_under_one_key_tells_the_same_session(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client(**{"idempotency-key": "sign-in"}) as client:
        first, second = [(await client.post("/sign-in", json=sign_in_of(wang))).json() for _ in range(2)]
        del client.headers["idempotency-key"]
        other = (await client.post("/sign-in", json=sign_in_of(wang))).json()

    assert first["refresh_token"] == second["refresh_token"] != other["refresh_token"]


@pytest.mark.parametrize("route", ["/sign-out", "/token/refresh"])
async def test_one_key_opens_no_session_after_its_own_ended_or_went_on(identity: Office, route: str) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        under_key = {"idempotency-key": f"once{route}"}
        tokens = (await client.post("/sign-in", json=sign_in_of(wang), headers=under_key)).json()
        await client.post(route, json={"refresh_token": tokens["refresh_token"]})
        answer = await client.post("/sign-in", json=sign_in_of(wang), headers=under_key)

    assert code(answer) == (401, "session_over")


async def test_two_people_under_one_key_have_a_session_each(identity: Office) -> None:
    people = [someone(), someone()]
    for one in people:
        await identity.register(one)
    async with identity.client(**{"idempotency-key": "shared"}) as client:
        told = [(await client.post("/sign-in", json=sign_in_of(one))).json()["refresh_token"] for one in people]
        answers = [await refreshed(client, one) for one in told[:1]]

    assert len({one.partition(".")[0] for one in told}) == 2
    assert answers[0].status_code == 200


async def test_a_refresh_token_is_exchanged_for_new_tokens(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client() as client:
        fresh = (await refreshed(client, tokens["refresh_token"])).json()
        me = await client.get("/me", headers={"authorization": f"Bearer {fresh['access_token']}"})

    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert fresh["session_ends_at"] == tokens["session_ends_at"]
    assert me.status_code == 200


async def test_only_a_hash_of_a_refresh_token_is_stored(identity: Office) -> None:
    tokens = await signed_in(identity)

    id, secret = tokens["refresh_token"].split(".")
    stored = await identity.department.engine.pool.fetchval(
        "select data::text from events where stream = $1", f"session-{id}"
    )
    assert hash_of(tokens["refresh_token"]) in stored
    assert secret not in stored


async def test_two_tabs_and_a_lost_answer_get_the_same_successor(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client() as client:
        answers = await asyncio.gather(*(refreshed(client, tokens["refresh_token"]) for _ in range(3)))
        [successor] = {answer.json()["refresh_token"] for answer in answers}
        later = await refreshed(client, successor)

    assert {answer.status_code for answer in (*answers, later)} == {200}
    session = tokens["refresh_token"].split(".")[0]
    assert await identity.types_of(f"session-{session}") == ["SessionOpened", *["SessionRefreshed"] * 2]


async def test_the_slower_tab_gets_the_token_that_is_good_now(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client() as client:
        first = (await refreshed(client, tokens["refresh_token"])).json()["refresh_token"]
        second = (await refreshed(client, first)).json()["refresh_token"]
        slow = (await refreshed(client, tokens["refresh_token"])).json()["refresh_token"]

    assert slow == second


async def test_a_refresh_token_that_comes_a_minute_later_ends_the_session_for_both(identity: Office) -> None:
    sessions, now = identity.sessions(), datetime.now(UTC)
    tokens = await sessions.open(await identity.holder("citizen", await identity.register(someone())), now, Context())
    first = of(tokens)
    fresh = of(await sessions.refresh(first, now, Context()))
    for presented in (first, fresh):
        with pytest.raises(NotSignedIn):
            await sessions.refresh(presented, now + GRACE, Context())

    session = first.split(".")[0]
    assert await identity.types_of(f"session-{session}") == ["SessionOpened", "SessionRefreshed", "SessionClosed"]


async def test_under_its_key_an_unused_answer_is_told_again_however_late(identity: Office) -> None:
    sessions, now = identity.sessions(), datetime.now(UTC)
    tokens = await sessions.open(await identity.holder("citizen", await identity.register(someone())), now, Context())
    keyed = Context(key=f"refresh {of(tokens)}")
    first = of(await sessions.refresh(of(tokens), now, keyed))
    again = of(await sessions.refresh(of(tokens), now + timedelta(hours=1), keyed))
    await sessions.refresh(again, now + timedelta(hours=2), Context())
    with pytest.raises(NotSignedIn):  # a replay once the answer was used is reuse, key or no key
        await sessions.refresh(of(tokens), now + timedelta(hours=3), keyed)

    assert first == again


async def test_a_refresh_repeated_under_its_key_over_http(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client(**{"idempotency-key": f"refresh-{uuid4()}"}) as client:
        first, second = [(await refreshed(client, tokens["refresh_token"])).json() for _ in range(2)]

    assert first["refresh_token"] == second["refresh_token"]


async def test_staff_tokens_say_when_their_session_ends_and_citizens_do_not(identity: Office) -> None:
    sessions, now = identity.sessions(session_lifetime=timedelta(days=2)), datetime.now(UTC)
    officer = await sessions.open(await identity.holder("staff", await identity.appoint(Role.window)), now, Context())
    citizen = await sessions.open(await identity.holder("citizen", await identity.register(someone())), now, Context())

    assert until_of(officer.access_token) == int((now + timedelta(hours=12)).timestamp())
    assert until_of(citizen.access_token) is None


async def test_an_account_is_refreshed_so_often_a_day(identity: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Limit("few refreshes", 2, timedelta(days=1), None)
    monkeypatch.setattr("services.identity.sessions.REFRESHES_DAY", few)
    tokens = await signed_in(identity)
    async with identity.client() as client:
        answers = [await refreshed(client, tokens["refresh_token"]) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("token", ["", "nonsense", "00000000-0000-4000-8000-000000000000.x", "." * 200])
async def test_what_is_no_refresh_token_is_refused(identity: Office, token: str) -> None:
    async with identity.client() as client:
        assert code(await refreshed(client, token)) == (401, "session_over")


async def test_a_guess_at_someones_session_does_not_end_it(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client() as client:
        session = tokens["refresh_token"].split(".")[0]
        assert code(await refreshed(client, f"{session}.guess")) == (401, "session_over")
        await client.post("/sign-out", json={"refresh_token": f"{session}.guess"})
        assert (await refreshed(client, tokens["refresh_token"])).status_code == 200


async def test_a_session_ends_though_it_was_refreshed(identity: Office) -> None:
    sessions, now = identity.sessions(), datetime.now(UTC)
    tokens = await sessions.open(await identity.holder("citizen", await identity.register(someone())), now, Context())
    fresh = await sessions.refresh(of(tokens), now + timedelta(hours=11, minutes=55), Context())

    assert fresh.access_lifetime == timedelta(minutes=5)
    with pytest.raises(NotSignedIn):
        await sessions.refresh(of(fresh), now + timedelta(hours=12), Context())


async def test_who_signed_out_is_signed_out(identity: Office) -> None:
    tokens = await signed_in(identity)
    async with identity.client() as client:
        out = await client.post("/sign-out", json={"refresh_token": tokens["refresh_token"]})
        again = await client.post("/sign-out", json={"refresh_token": tokens["refresh_token"]})
        answer = await refreshed(client, tokens["refresh_token"])

    assert out.status_code == again.status_code == 204
    assert code(answer) == (401, "session_over")


@pytest.mark.parametrize("token", ["", "nonsense", "00000000-0000-4000-8000-000000000000.x"])
async def test_signing_out_of_nothing_is_no_error(identity: Office, token: str) -> None:
    async with identity.client() as client:
        assert (await client.post("/sign-out", json={"refresh_token": token})).status_code == 204


async def test_an_expired_access_token_is_refused(identity: Office) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    token = identity.department.token("citizen", now=an_hour_ago, lifetime=timedelta(minutes=10))
    async with identity.client(token) as client:
        assert code(await client.get("/me")) == (401, "token_expired")


async def test_a_token_of_nobody_shows_nobody(identity: Office) -> None:
    async with identity.client(identity.department.token("citizen")) as client:
        assert code(await client.get("/me")) == (401, "session_over")


async def test_a_changed_password_ends_other_sessions_and_the_old_password(identity: Office) -> None:
    wang = someone()
    await identity.register(wang)
    async with identity.client() as client:
        tokens = (await client.post("/sign-in", json=sign_in_of(wang))).json()
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        changed = await client.post("/me/password", json={"current": PASSWORD, "new": "another horse battery"})
        old_session = await refreshed(client, tokens["refresh_token"])
        old = await client.post("/sign-in", json=sign_in_of(wang))
        new = await client.post("/sign-in", json=sign_in_of(wang, "another horse battery"))

    assert changed.status_code == 200
    assert code(old_session) == (401, "session_over")
    assert code(old) == (401, "wrong_credentials")
    assert new.status_code == 200


async def test_who_is_dismissed_is_out_at_once(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        id = UUID((await desk.post("/staff", json=appointment("sun.police"))).json()["staff"])
    sign_in = {"login": "sun.police", "password": PASSWORD}
    tokens = await identity.staff_sign_in("sun.police")
    async with identity.client() as client:
        client.headers["authorization"] = f"Bearer {tokens['access_token']}"
        assert (await client.get("/people")).status_code == 200
        await identity.store.execute(STAFF.stream(id), STAFF, DismissStaff(UUID(int=1), datetime.now(UTC)), Context())

        assert code(await client.get("/people")) == (401, "dismissed")
        assert code(await client.get("/me")) == (401, "dismissed")
        assert code(await refreshed(client, tokens["refresh_token"])) == (401, "session_over")
        assert code(await client.post("/staff/sign-in", json=sign_in)) == (401, "wrong_credentials")

    session = tokens["refresh_token"].split(".")[0]
    assert await identity.types_of(f"session-{session}") == ["SessionOpened", "SessionClosed"]
