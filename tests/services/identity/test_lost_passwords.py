"""A lost password: who vouches for its owner gets him a one-time password, and nothing else of his is opened."""

import asyncio
from uuid import UUID, uuid4

import pytest

from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.events import InitialPasswordSet
from services.identity.domain.staff import STAFF
from shared.contracts.errors import NotFound, Refused
from shared.contracts.identity import Role
from shared.department import message_gateway
from tests.services.identity.examples import LI_ID, NAMESAKE, NOW, PHONE, WANG_ID, decided
from tests.services.identity.office import PASSWORD, Office, appointment, code, fields, sign_in_of, someone
from tests.services.identity.test_account import VERIFIED
from tests.services.identity.test_staff import APPOINTED, DISMISSED

SEEN = {"card_seen": True}
OWN = "a password of my own"
MADE = InitialPasswordSet(password_hash="made", set_at=NOW)


def test_a_one_time_password_takes_the_place_of_the_lost_one() -> None:
    assert decided(STAFF, APPOINTED, staff.GivePassword(LI_ID, "made", NOW)) == [MADE]
    assert decided(ACCOUNT, VERIFIED, account.GivePassword("made", NOW)) == [MADE]


def test_nobody_gives_himself_a_password() -> None:
    with pytest.raises(Refused) as refusal:
        decided(STAFF, APPOINTED, staff.GivePassword(WANG_ID, "made", NOW))
    assert refusal.value.code == "not_oneself"


def test_who_was_dismissed_and_who_has_no_account_get_none() -> None:
    with pytest.raises(NotFound):
        decided(STAFF, [*APPOINTED, DISMISSED], staff.GivePassword(LI_ID, "made", NOW))
    with pytest.raises(NotFound):
        decided(ACCOUNT, [], account.GivePassword("made", NOW))


async def test_a_citizen_is_helped_at_the_window(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with identity.client() as client:
        before = (await client.post("/sign-in", json=sign_in_of(wang))).json()["refresh_token"]
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post(f"/people/{id}/one-time-password", json=SEEN)
    given = (await sent(identity))[0]
    assert answer.json() == {"sent_to": PHONE.masked}
    choice = {"id_number": wang["id_number"], "password": given, "new": OWN}
    async with identity.client() as client:
        lost = await client.post("/sign-in", json=sign_in_of(wang))
        refused = await client.post("/sign-in", json=sign_in_of(wang, given))
        ended = await client.post("/token/refresh", json={"refresh_token": before})
        same = await client.post("/first-password", json={**choice, "new": given})
        number = await client.post("/first-password", json={**choice, "new": wang["id_number"]})
        chosen = await client.post("/first-password", json=choice)
        new = await client.post("/sign-in", json=sign_in_of(wang, OWN))
        again = await client.post("/first-password", json={**choice, "password": OWN, "new": PASSWORD})

    assert code(lost) == (401, "wrong_credentials")
    assert code(refused) == (403, "initial_password")
    assert ended.status_code == 401
    assert fields(same) == fields(number) == ["password"]
    assert chosen.json().keys() >= {"access_token", "refresh_token"}
    assert new.status_code == 200
    assert code(again) == (401, "wrong_credentials")  # or an own password could be guessed here


async def test_staff_are_helped_by_their_administrator(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as desk:
        id = (await desk.post("/staff", json=appointment("lost.his"))).json()["staff"]
        await identity.staff_sign_in("lost.his")
        given = (await desk.post(f"/staff/{id}/one-time-password")).json()["initial_password"]
    async with identity.client() as client:
        lost = await client.post("/staff/sign-in", json={"login": "lost.his", "password": PASSWORD})
        choice = {"login": "lost.his", "password": given, "new": OWN}
        chosen = await client.post("/staff/first-password", json=choice)
        new = await client.post("/staff/sign-in", json={"login": "lost.his", "password": OWN})

    assert code(lost) == (401, "wrong_credentials")
    assert (chosen.status_code, new.status_code) == (200, 200)


async def test_of_two_choices_by_one_password_at_once_one_is_good(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with await identity.desk(Role.registrar) as desk, identity.client() as client:
        await desk.post(f"/people/{id}/one-time-password", json=SEEN)
        [given, *_] = await sent(identity)
        choices = [{"id_number": wang["id_number"], "password": given, "new": f"{OWN} {n}"} for n in range(2)]
        answers = await asyncio.gather(*(client.post("/first-password", json=one) for one in choices))

    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert (await identity.types_of(f"account-{id}")).count("PasswordSet") == 2  # the one before, and the chosen one


async def test_the_owner_is_told_which_office_made_it(identity: Office) -> None:
    id = await identity.register(someone())
    async with await identity.desk(Role.registrar) as desk:
        await desk.post(f"/people/{id}/one-time-password", json=SEEN)
    [text, *_] = await messages(identity)
    assert "正定县" in text
    assert "如非本人" in text


async def test_without_the_card_no_password_is_made(identity: Office) -> None:
    id = await identity.register(someone())
    async with await identity.desk(Role.registrar) as desk:
        answer = await desk.post(f"/people/{id}/one-time-password", json={"card_seen": False})

    assert code(answer) == (422, "wrong_card_seen")
    assert await stored(identity, id) == 0


async def test_a_registrar_makes_no_password_for_themselves(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with await identity.desk_of(wang, Role.registrar) as desk:
        answer = await desk.post(f"/people/{id}/one-time-password", json=SEEN)

    assert code(answer) == (409, "not_ones_own_matter")


async def test_an_answer_that_was_lost_is_told_again_until_an_own_one_is_chosen(identity: Office) -> None:
    wang = someone()
    path = f"/people/{await identity.register(wang)}/one-time-password"
    async with await identity.desk(Role.registrar) as desk, identity.client() as client:
        desk.headers["idempotency-key"] = "lost"
        first, repeated = [(await desk.post(path, json=SEEN)).json() for _ in range(2)]
        [given, before, *_] = await sent(identity)
        await client.post("/first-password", json={"id_number": wang["id_number"], "password": given, "new": OWN})
        later = (await desk.post(path, json=SEEN)).json()
        desk.headers["idempotency-key"] = "lost-again"
        await desk.post(path, json=SEEN)
        [another, *_] = await sent(identity)

    assert (repeated, before) == (first, given)
    assert later == {"sent_to": None}
    assert another != given


async def test_only_who_may_vouch_for_the_owner_is_told_one(identity: Office) -> None:
    citizen = await identity.register(someone())
    unregistered = await identity.enter(someone())
    colleague = await identity.appoint(Role.reviewer)
    administrator = await identity.appoint(Role.administrator)
    token = identity.department.token("staff", administrator, (Role.administrator,), "130123000000")
    async with (
        await identity.desk(Role.registrar) as registrar,
        await identity.desk(Role.registrar, division=NAMESAKE) as elsewhere,
        await identity.desk(Role.administrator, division=NAMESAKE) as far,
        identity.client(token) as himself,
    ):
        answers = [
            code(await elsewhere.post(f"/people/{citizen}/one-time-password", json=SEEN)),
            code(await registrar.post(f"/people/{unregistered}/one-time-password", json=SEEN)),
            code(await registrar.post(f"/staff/{colleague}/one-time-password")),
            code(await far.post(f"/staff/{colleague}/one-time-password")),
            code(await himself.post(f"/staff/{uuid4()}/one-time-password")),
            code(await himself.post(f"/staff/{administrator}/one-time-password")),
        ]

    assert answers == [
        (404, "no_such_person"),
        (404, "no_account"),
        (403, "role_needed"),
        (403, "outside_division"),
        (404, "no_such_staff"),
        (409, "not_oneself"),
    ]
    assert await stored(identity, citizen, colleague, administrator) == 0


async def messages(identity: Office) -> list[str]:
    """That told of a one-time password, the newest first."""
    kept = await message_gateway.newest(identity.department.engine.pool, PHONE)
    return [one.text for one in kept if one.kind == "one_time_password"]


async def sent(identity: Office) -> list[str]:
    """The one-time passwords that were sent, the newest first."""
    return [text.partition("一次性密码：")[2].partition("。")[0] for text in await messages(identity)]


async def stored(identity: Office, *ids: UUID) -> int:
    """How many one-time passwords were made for these."""
    types = [await identity.types_of(f"{kind}-{id}") for kind in ("account", "staff") for id in ids]
    return sum(one.count("InitialPasswordSet") for one in types)
