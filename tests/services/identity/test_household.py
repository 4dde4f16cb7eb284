"""Entering and correcting people against a real store: numbers stay unique whatever falls between the steps."""

import asyncio
from uuid import UUID

import pytest

from services.identity.domain import person
from services.identity.domain.id_claim import ID_CLAIM, ClaimIdNumber
from services.identity.domain.person import CorrectPerson, Entered, Unknown
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NOW, TAYUANZHUANG
from tests.services.identity.office import Office, fresh_number, someone

FRESH = Context()  # without a key: every id is new


async def enter(identity: Office, number: IdNumber, context: Context) -> UUID:
    done = await identity.household.enter("王小明", number, TAYUANZHUANG, "12号", NOW, context)
    return UUID(done.stream.removeprefix("person-"))


async def correct(identity: Office, entry: Entered, number: IdNumber, context: Context = FRESH) -> Done[person.State]:
    command = CorrectPerson(entry.name, number, "录入错误", entry.edition, NOW)
    return await identity.household.correct(entry, command, context)


async def claim(identity: Office, number: IdNumber, person: UUID, edition: int, context: Context) -> None:
    """The first step alone, as a crash leaves it."""
    stream = ID_CLAIM.stream(identity.pseudonyms.id_number(number))
    await identity.store.execute(stream, ID_CLAIM, ClaimIdNumber(person, edition, NOW), context.step("claim"))


async def holder_of(identity: Office, number: IdNumber) -> UUID | None:
    """Whom the number stands for in the register."""
    id, entry = await identity.household.find(number)
    return None if isinstance(entry, Unknown) else id


async def test_a_person_is_found_by_his_number(identity: Office) -> None:
    number = fresh_number()
    id = await enter(identity, number, FRESH)

    assert await holder_of(identity, number) == id
    assert await holder_of(identity, fresh_number()) is None


async def test_no_stream_tells_the_number_of_who_is_in_it(identity: Office) -> None:
    number = fresh_number()
    await enter(identity, number, FRESH)

    rows = await identity.department.engine.pool.fetch("select stream from events")
    assert not any(number in row["stream"] for row in rows)


@pytest.mark.parametrize("key", [None, "a key"])
async def test_a_crash_after_the_claim_heals_when_the_entry_is_repeated(identity: Office, key: str | None) -> None:
    number = fresh_number()
    context = Context(key=key and f"{key} {number}")
    await claim(identity, number, identity.pseudonyms.person(number, 0), 1, context)
    assert await holder_of(identity, number) is None

    id = await enter(identity, number, context)

    assert await holder_of(identity, number) == id


async def test_someone_else_may_finish_what_a_crash_interrupted(identity: Office) -> None:
    number = fresh_number()
    await claim(identity, number, identity.pseudonyms.person(number, 0), 1, Context(key=f"one {number}"))

    id = await enter(identity, number, Context(key=f"another {number}"))

    assert await holder_of(identity, number) == id


async def test_a_correction_moves_the_number_with_the_person(identity: Office) -> None:
    wrong, right = fresh_number(), fresh_number()
    id = await enter(identity, wrong, FRESH)

    await correct(identity, await identity.household.entry(id), right)

    assert await holder_of(identity, right) == id
    assert await holder_of(identity, wrong) is None


async def test_the_number_that_was_wrong_can_be_entered_for_whom_it_belongs_to(identity: Office) -> None:
    wrong, right = fresh_number(), fresh_number()
    first = await enter(identity, wrong, FRESH)
    await correct(identity, await identity.household.entry(first), right)

    second = await enter(identity, wrong, FRESH)

    assert second != first
    assert await holder_of(identity, wrong) == second
    assert await holder_of(identity, right) == first


async def test_a_correction_can_be_corrected_back(identity: Office) -> None:
    one, two = fresh_number(), fresh_number()
    id = await enter(identity, one, FRESH)
    await correct(identity, await identity.household.entry(id), two)
    await correct(identity, await identity.household.entry(id), one)

    assert await holder_of(identity, one) == id
    assert await holder_of(identity, two) is None


@pytest.mark.parametrize("key", [None, "a key"])
async def test_a_crash_after_the_claim_heals_when_the_correction_is_repeated(identity: Office, key: str | None) -> None:
    wrong, right = fresh_number(), fresh_number()
    context = Context(key=key and f"{key} {right}")
    id = await enter(identity, wrong, FRESH)
    await claim(identity, right, id, 2, context)

    await correct(identity, await identity.household.entry(id), right, context)

    assert await holder_of(identity, right) == id
    assert await holder_of(identity, wrong) is None


async def test_a_correction_that_crashed_and_was_overtaken_does_not_hold_its_number_for_ever(identity: Office) -> None:
    wrong, given_up, right = fresh_number(), fresh_number(), fresh_number()
    id = await enter(identity, wrong, FRESH)
    await claim(identity, given_up, id, 2, FRESH)
    await correct(identity, await identity.household.entry(id), right)

    other = await enter(identity, given_up, FRESH)

    assert await holder_of(identity, given_up) == other != id


async def test_a_claim_whose_correction_is_still_to_come_is_not_taken_over(identity: Office) -> None:
    right = fresh_number()
    id = await enter(identity, fresh_number(), FRESH)
    await claim(identity, right, id, 2, FRESH)

    with pytest.raises(Refused):
        await enter(identity, right, FRESH)
    await correct(identity, await identity.household.entry(id), right)
    assert await holder_of(identity, right) == id


async def test_of_two_corrections_at_once_one_wins_and_the_loser_keeps_no_number(identity: Office) -> None:
    wrong, one, two = fresh_number(), fresh_number(), fresh_number()
    entry = await identity.household.entry(await enter(identity, wrong, FRESH))

    outcomes = await asyncio.gather(
        correct(identity, entry, one), correct(identity, entry, two), return_exceptions=True
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.code for refusal in refused] == ["entry_changed"]
    holders = [await holder_of(identity, number) for number in (wrong, one, two)]
    assert sorted(holders, key=str) == sorted([None, None, entry.person], key=str)
    for number, holder in zip((wrong, one, two), holders, strict=True):
        if holder is None:
            await enter(identity, number, FRESH)  # free again


async def test_two_people_cannot_be_corrected_to_one_number(identity: Office) -> None:
    right = fresh_number()
    entries = [await identity.household.entry(await enter(identity, fresh_number(), FRESH)) for _ in range(4)]

    outcomes = await asyncio.gather(*(correct(identity, entry, right) for entry in entries), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Done", "Refused", "Refused", "Refused"]
    assert await holder_of(identity, right) in {entry.person for entry in entries}


async def test_entering_and_correcting_to_one_number_at_once_gives_it_to_one(identity: Office) -> None:
    right = fresh_number()
    entry = await identity.household.entry(await enter(identity, fresh_number(), FRESH))

    outcomes = await asyncio.gather(
        enter(identity, right, FRESH), correct(identity, entry, right), return_exceptions=True
    )

    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert await holder_of(identity, right) is not None


async def test_what_is_refused_leaves_the_number_to_others(identity: Office) -> None:
    number = fresh_number()
    entry = await identity.household.entry(await enter(identity, fresh_number(), FRESH))
    with pytest.raises(NotValid):
        await identity.household.correct(entry, CorrectPerson("王3", number, "错", 1, NOW), FRESH)

    id = await enter(identity, number, FRESH)

    assert await holder_of(identity, number) == id


async def test_a_correction_repeated_under_its_key_is_told_the_same_again(identity: Office) -> None:
    right = fresh_number()
    id = await identity.enter(someone())
    context = Context(key=f"correct {id}")
    first = await correct(identity, await identity.household.entry(id), right, context)
    again = await correct(identity, await identity.household.entry(id), right, context)

    assert [event.id for event in first.events] == [event.id for event in again.events]
    assert again.is_repeat
