"""A death was recorded wrongly: the record is withdrawn, and the entry stands again as it was."""

from datetime import date

import pytest

from services.identity.domain.account import ACCOUNT, NoteRestored
from services.identity.domain.person import PERSON, MovePerson, RecordDeath, WithdrawDeath
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import AccountRestored, CitizenRegistered, DeathRecordWithdrawn, PersonDied, Role
from tests.services.identity.examples import (
    MINUTE,
    NAMESAKE,
    NOW,
    PHONE,
    WANG_ENTERED,
    WANG_ID,
    decided,
    state,
)
from tests.services.identity.office import Office, code, fields, sign_in_of, someone
from tests.until import until

DAY = date(2023, 12, 23)
DIED = PersonDied(person=WANG_ID, died_on=DAY, recorded_at=NOW)
WITHDRAW = WithdrawDeath("误将同名者登记为死亡", "正公户核〔2023〕12号核查报告", NOW + MINUTE)
WITHDRAWN = DeathRecordWithdrawn(
    person=WANG_ID, died_on=DAY, reason=WITHDRAW.reason, basis=WITHDRAW.basis, withdrawn_at=WITHDRAW.now
)
BODY = {"reason": WITHDRAW.reason, "basis": WITHDRAW.basis}


def test_a_record_of_death_is_withdrawn_and_the_entry_is_as_it_was() -> None:
    assert decided(PERSON, [WANG_ENTERED, DIED], WITHDRAW) == [WITHDRAWN]
    assert state(PERSON, WANG_ENTERED, DIED, WITHDRAWN) == state(PERSON, WANG_ENTERED)


def test_the_entry_may_be_changed_again_and_closed_again() -> None:
    given = [WANG_ENTERED, DIED, WITHDRAWN]
    assert decided(PERSON, given, MovePerson(NAMESAKE, "3栋", NOW))
    assert decided(PERSON, given, RecordDeath(DAY, NOW)) == [DIED]


@pytest.mark.parametrize("given", [[WANG_ENTERED], [WANG_ENTERED, DIED, WITHDRAWN]])
def test_of_the_living_there_is_nothing_to_withdraw(given: list[Event]) -> None:
    with pytest.raises(Refused, match="not_recorded_dead"):
        decided(PERSON, given, WITHDRAW)


def test_of_somebody_unknown_there_is_nothing_to_withdraw() -> None:
    with pytest.raises(NotFound, match="no_such_person"):
        decided(PERSON, [], WITHDRAW)


@pytest.mark.parametrize("field", ["reason", "basis"])
def test_reason_and_basis_are_needed(field: str) -> None:
    command = WithdrawDeath(**{"reason": "错", "basis": "报告", field: "  "}, now=NOW)
    with pytest.raises(Invalid) as refusal:
        decided(PERSON, [WANG_ENTERED, DIED], command)
    assert list(refusal.value.fields) == [field]


def test_an_account_is_restored_and_who_has_none_is_told_nothing() -> None:
    opened = CitizenRegistered(citizen=WANG_ID, name="王小明", phone=PHONE, registered_at=NOW)
    assert decided(ACCOUNT, [opened], NoteRestored(NOW)) == [AccountRestored(citizen=WANG_ID, restored_at=NOW)]
    assert decided(ACCOUNT, [], NoteRestored(NOW)) == []


async def test_who_was_recorded_dead_signs_in_again_and_is_told(identity: Office) -> None:
    wang = someone()
    id = await identity.register(wang)
    async with identity.client() as client, await identity.desk(Role.registrar) as desk:
        await desk.post(f"/people/{id}/death", json={"died_on": "2023-12-23"})
        shut_out = await client.post("/sign-in", json=sign_in_of(wang))
        withdrawn = await desk.post(f"/people/{id}/death/withdraw", json=BODY)
        moved = await desk.post(f"/people/{id}/move", json={"division": NAMESAKE, "address": "3栋"})
        back = await client.post("/sign-in", json=sign_in_of(wang))

    async def told() -> bool:
        return "AccountRestored" in await identity.types_of(f"account-{id}")

    assert code(shut_out) == (401, "wrong_credentials")
    assert (withdrawn.status_code, withdrawn.json()["died_on"]) == (200, None)
    assert (moved.status_code, back.status_code) == (200, 200)
    await until(told, timeout=60, what="the account restored")
    assert await identity.types_of(f"person-{id}") == [
        "PersonRegistered",
        "PersonDied",
        "DeathRecordWithdrawn",
        "PersonMoved",
    ]


async def test_withdrawn_again_under_its_key_the_same_is_told(identity: Office) -> None:
    wang = await identity.enter(someone())
    async with await identity.desk(Role.registrar) as desk:
        await desk.post(f"/people/{wang}/death", json={"died_on": "2023-12-23"})
        desk.headers["idempotency-key"] = f"withdraw-{wang}"
        first, again = [await desk.post(f"/people/{wang}/death/withdraw", json=BODY) for _ in range(2)]
    assert (first.status_code, again.json()) == (200, first.json())
    assert first.headers["event-id"] == again.headers["event-id"]


async def test_a_record_is_withdrawn_by_a_registrar_of_the_place_with_reason_and_basis(identity: Office) -> None:
    wang = await identity.enter(someone())
    path = f"/people/{wang}/death/withdraw"
    async with await identity.desk(Role.registrar) as desk:
        assert code(await desk.post(path, json=BODY)) == (409, "not_recorded_dead")
        await desk.post(f"/people/{wang}/death", json={"died_on": "2023-12-23"})
        without = await desk.post(path, json={"reason": "误登"})
        blank = await desk.post(path, json={**BODY, "basis": " "})
    async with await identity.desk(Role.registrar, division="450821000000") as elsewhere:
        assert code(await elsewhere.post(path, json=BODY)) == (404, "no_such_person")
    async with await identity.desk(Role.reviewer) as reviewer:
        assert code(await reviewer.post(path, json=BODY)) == (403, "role_needed")
    assert (without.status_code, fields(without)) == (422, ["basis"])
    assert (blank.status_code, fields(blank)) == (422, ["basis"])
    assert await identity.types_of(f"person-{wang}") == ["PersonRegistered", "PersonDied"]
