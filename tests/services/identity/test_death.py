"""A person dies: the entry is closed, and nobody signs in by it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.identity.domain.person import PERSON, CorrectPerson, Dead, MovePerson, RecordDeath
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.identity import PersonDied, Role
from tests.services.identity.examples import (
    ENTER_WANG,
    LI_NUMBER,
    NAMESAKE,
    NOW,
    WANG_ENTERED,
    WANG_ID,
    WANG_NUMBER,
    decided,
    state,
)
from tests.services.identity.office import Office, code, fields, fresh_phone, seen_of, sign_in_of, someone

DAY = date(2023, 12, 23)
RECORD = RecordDeath(DAY, NOW)
DIED = PersonDied(person=WANG_ID, died_on=DAY, recorded_at=NOW)


def test_a_death_closes_the_entry_as_it_stood() -> None:
    assert decided(PERSON, [WANG_ENTERED], RECORD) == [DIED]
    after = state(PERSON, WANG_ENTERED, DIED)
    assert after == Dead(state(PERSON, WANG_ENTERED), DAY)  # type: ignore[arg-type]


def test_recorded_again_nothing_changes() -> None:
    assert decided(PERSON, [WANG_ENTERED, DIED], RECORD) == []


@pytest.mark.parametrize(
    "command",
    [
        MovePerson(NAMESAKE, "3栋", NOW),
        CorrectPerson("王晓明", WANG_NUMBER, "录入错误", 1, NOW),
        replace(RECORD, died_on=DAY - timedelta(days=1)),
    ],
)
def test_a_closed_entry_is_not_changed(command: MovePerson | CorrectPerson | RecordDeath) -> None:
    with pytest.raises(Refused, match="entry_closed"):
        decided(PERSON, [WANG_ENTERED, DIED], command)


def test_the_number_of_the_dead_is_not_entered_again() -> None:
    with pytest.raises(Refused, match="already_in_register"):
        decided(PERSON, [WANG_ENTERED, DIED], ENTER_WANG)


@pytest.mark.parametrize("day", [date(2023, 12, 25), WANG_NUMBER.birth_date - timedelta(days=1)])
def test_nobody_dies_tomorrow_or_before_he_was_born(day: date) -> None:
    with pytest.raises(Invalid) as refusal:
        decided(PERSON, [WANG_ENTERED], replace(RECORD, died_on=day))
    assert list(refusal.value.fields) == ["died_on"]


@pytest.mark.parametrize("day", [WANG_NUMBER.birth_date, date(2023, 12, 24)])
def test_a_death_on_the_day_of_birth_and_one_of_today_are_recorded(day: date) -> None:
    assert decided(PERSON, [WANG_ENTERED], replace(RECORD, died_on=day))


def test_who_is_not_in_the_register_cannot_die_there() -> None:
    with pytest.raises(NotFound, match="no_such_person"):
        decided(PERSON, [], RECORD)


async def test_a_registrar_records_a_death_and_still_sees_the_entry(identity: Office) -> None:
    wang = await identity.enter(someone())
    async with await identity.desk(Role.registrar) as client:
        recorded = await client.post(f"/people/{wang}/death", json={"died_on": "2023-12-23"})
        seen = await client.get(f"/people/{wang}")
        moved = await client.post(f"/people/{wang}/move", json={"division": NAMESAKE, "address": "3栋"})
        corrected = await client.post(
            f"/people/{wang}/correct", json={"name": "王晓明", "id_number": LI_NUMBER, "reason": "错"}
        )
        people = (await client.get("/people", params={"limit": 200})).json()["people"]

    assert (recorded.status_code, recorded.json()["died_on"]) == (200, "2023-12-23")
    assert recorded.headers["event-id"]
    assert seen.json() == recorded.json()
    assert code(moved) == code(corrected) == (409, "entry_closed")
    assert next(one["died_on"] for one in people if one["person"] == str(wang)) == "2023-12-23"


async def test_a_death_recorded_again_under_its_key_is_told_the_same(identity: Office) -> None:
    wang = await identity.enter(someone())
    async with await identity.desk(Role.registrar) as client:
        client.headers["idempotency-key"] = "death"
        first, again = [await client.post(f"/people/{wang}/death", json={"died_on": "2023-12-23"}) for _ in range(2)]

    assert first.json() == again.json()
    assert first.headers["event-id"] == again.headers["event-id"]


async def test_a_death_is_recorded_by_a_registrar_of_the_place_only(identity: Office) -> None:
    wang = await identity.enter(someone())
    death = {"died_on": "2023-12-23"}
    async with await identity.desk(Role.registrar, division="450821000000") as elsewhere:
        assert code(await elsewhere.post(f"/people/{wang}/death", json=death)) == (404, "no_such_person")
    async with await identity.desk(Role.reviewer) as reviewer:
        assert code(await reviewer.post(f"/people/{wang}/death", json=death)) == (403, "role_needed")
    async with await identity.desk(Role.registrar) as registrar:
        assert code(await registrar.post(f"/people/{uuid4()}/death", json=death)) == (404, "no_such_person")
        impossible = await registrar.post(f"/people/{wang}/death", json={"died_on": "2999-01-01"})
    assert (impossible.status_code, fields(impossible)) == (422, ["died_on"])
    assert await identity.types_of(f"person-{wang}") == ["PersonRegistered"]


async def test_the_dead_are_signed_out_and_sign_in_no_more(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with identity.client() as client, await identity.desk(Role.registrar) as desk:
        tokens = (await client.post("/sign-in", json=sign_in_of(wang))).json()
        await desk.post(f"/people/{id}/death", json={"died_on": "2023-12-23"})
        refreshed = await client.post("/token/refresh", json={"refresh_token": tokens["refresh_token"]})
        again = await client.post("/sign-in", json=sign_in_of(wang))
        me = await client.get("/me", headers={"authorization": f"Bearer {tokens['access_token']}"})

    assert code(refreshed) == code(me) == (401, "session_over")
    assert code(again) == (401, "wrong_credentials")
    session = tokens["refresh_token"].split(".")[0]
    assert await identity.types_of(f"session-{session}") == ["SessionOpened", "SessionClosed"]


async def test_nobody_is_verified_as_someone_who_died(identity: Office) -> None:
    wang, phone = someone(), fresh_phone()
    id = await identity.enter(wang)
    await identity.open_account(wang, phone)
    async with await identity.desk(Role.registrar) as desk:
        await desk.post(f"/people/{id}/death", json={"died_on": "2023-12-23"})
        answer = await desk.post("/verifications", json=seen_of(wang, phone))
    assert code(answer) == (409, "not_in_register")
