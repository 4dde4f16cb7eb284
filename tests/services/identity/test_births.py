"""Newborns through the desk, on a real store: one entry and one number each, whatever comes between."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from services.identity.births import STAYS, Births
from services.identity.domain.household_place import HouseholdPlace
from services.identity.domain.id_claim import ID_CLAIM, ClaimIdNumber
from services.identity.domain.number_series import NumberSeries
from services.identity.domain.person import PERSON, Dead, Entered, RecordDeath, RecordHousehold
from services.identity.marriages import Marriages
from services.identity.reactions import ITEM
from shared.contracts.case_items import Words
from shared.contracts.cases import IdentityItemRequested, IdentityItemWithdrawn
from shared.contracts.errors import Unavailable
from shared.contracts.event import Event
from shared.contracts.identity import (
    BirthRecorded,
    IdentityItemDone,
    IdentityItemRefused,
    IdentityItemUndone,
)
from shared.department.item_desk import Action, ItemDesk
from shared.eventstore.aggregate import Context
from shared.messaging.asked_item import item_id, reference
from shared.standards.check_digits import mod_11_2
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import NOW, TAYUANZHUANG, ZHENGDING
from tests.services.identity.office import Office, someone

E = TypeVar("E", bound=Event)

COUNTY = ZHENGDING[:6]
DAY = date(2023, 12, 22)
_parent = count(1)
_certificate = count(1)


def number_of(*, male: bool) -> IdNumber:
    """A parent's whom no other test has."""
    n = next(_parent)
    body = f"1301021990{n // 400 % 12 + 1:02}{n // 16 % 25 + 1:02}{n % 16 * 2 + male:03}"
    return IdNumber(body + mod_11_2(body))


async def parents(identity: Office) -> dict[str, str]:
    mother, father = number_of(male=False), number_of(male=True)
    await identity.enter(someone(name="季试用", id_number=mother))
    await identity.enter(someone(name="寓客来", id_number=father))
    return {"mother_id_number": mother, "father_id_number": father}


def requested(of: dict[str, str], **changed: str) -> IdentityItemRequested:
    inputs = {
        "child_name": "寓小满",
        "child_sex": "female",
        "birth_date": DAY.isoformat(),
        "birth_order": "first",
        "householder": "mother",
        "division": TAYUANZHUANG,
        "address": "西街5排1号",
        "birth_certificate": f"Q13{next(_certificate):07}",
        **of,
        **changed,
    }
    return IdentityItemRequested(
        case=uuid4(),
        item="household_entry",
        action="enter_birth",
        inputs=inputs,
        applicant=uuid4(),
        definition="birth",
        definition_version=1,
        requested_at=NOW,
    )


def withdrawn(case: UUID) -> IdentityItemWithdrawn:
    reason = Words(zh="父亲撤回了同意。", en="The father withdrew his consent.")
    return IdentityItemWithdrawn(
        case=case, item="household_entry", action="enter_birth", undo=True, reason=reason, withdrawn_at=NOW
    )


def births_of(identity: Office) -> Births:
    return Births(identity.household, lambda: datetime(2023, 12, 24, 10, tzinfo=UTC))


def desk_of(identity: Office, births: Births | None = None) -> ItemDesk:
    births = births or births_of(identity)
    actions = {"enter_birth": Action(births.enter, births.undo, stays=STAYS)}
    return ItemDesk(identity.store, identity.department.engine.pool, ITEM, actions)


async def ask(identity: Office, *events: IdentityItemRequested | IdentityItemWithdrawn) -> None:
    for event in events:
        await identity.department.give(f"case-{event.case}", event)


async def last(identity: Office, case: UUID) -> object:
    return (await identity.store.load(ITEM.stream(item_id(case, "household_entry")), ITEM)).events[-1].data


async def child_of(identity: Office, request: IdentityItemRequested) -> Entered:
    answer = await last(identity, request.case)
    assert isinstance(answer, IdentityItemDone), answer
    entry = await identity.household.entry(UUID(answer.results["child"]))
    assert entry.id_number == answer.results["child_id_number"]
    return entry


async def test_a_newborn_is_entered_with_number_household_and_guardians(new_identity: Office) -> None:
    request = requested(await parents(new_identity))
    await ask(new_identity, request, request)
    await desk_of(new_identity).work()

    child = await child_of(new_identity, request)

    assert (child.name, child.division, child.address) == ("寓小满", TAYUANZHUANG, "西街5排1号")
    assert child.id_number == NumberSeries(COUNTY, DAY, is_male=False).numbers()[0]
    guardians = [await new_identity.household.entry(guardian) for guardian in child.guardians]
    assert [guardian.name for guardian in guardians] == ["季试用", "寓客来"]
    assert await new_identity.household.find(child.id_number) == (child.person, child)


async def test_200_births_at_once_at_two_desks_have_each_a_number_of_their_own(new_identity: Office) -> None:
    of = [await parents(new_identity) for _ in range(50)]
    orders = ["first", "second", "third", "fourth"]
    requests = [
        requested(one, birth_order=order, child_sex="male" if n % 2 else "female")
        for one in of
        for n, order in enumerate(orders)
    ]
    await ask(new_identity, *requests)

    await asyncio.gather(desk_of(new_identity).work(), desk_of(new_identity).work())

    children = [await child_of(new_identity, request) for request in requests]
    numbers = {child.id_number for child in children}
    assert len(numbers) == 200
    births = births_of(new_identity)
    for is_male in (False, True):  # two desks that look at once may pass one over: it is the next to be given
        series = NumberSeries(COUNTY, DAY, is_male=is_male)
        async with births.free.offer(series) as following:
            assert following == next(number for number in series.numbers() if number not in numbers)
    assert len({child.person for child in children}) == 200
    assert await claimed_by(new_identity, children) == 200


async def claimed_by(identity: Office, children: Sequence[Entered]) -> int:
    """How many numbers were claimed for them, used or not."""
    return await identity.department.engine.pool.fetchval(  # type: ignore[no-any-return]
        "select count(*) from events where type = 'identity.IdNumberClaimed' and data ->> 'person' = any($1)",
        [str(child.person) for child in children],
    )


async def test_a_number_that_a_registrar_enters_meanwhile_is_passed_over(new_identity: Office) -> None:
    first, second, *_ = NumberSeries(COUNTY, DAY, is_male=False).numbers()
    request = requested(await parents(new_identity))
    births = births_of(new_identity)
    async with births.free.offer(NumberSeries(COUNTY, DAY, is_male=False)) as number:
        assert number == first
    stream = ID_CLAIM.stream(new_identity.pseudonyms.id_number(first))
    unwritten = new_identity.store.unwritten

    async def too_early(streams: Sequence[str]) -> list[str]:
        free = await unwritten(streams)
        await new_identity.store.execute(stream, ID_CLAIM, ClaimIdNumber(uuid4(), 1, NOW), Context(key="a registrar"))
        return free

    new_identity.store.unwritten = too_early  # type: ignore[method-assign]
    await ask(new_identity, request)
    await desk_of(new_identity, births).work()

    assert (await child_of(new_identity, request)).id_number == second


@pytest.mark.parametrize("crash_at", range(1, 8))
async def test_after_a_crash_at_any_step_the_same_number_is_used(new_identity: Office, crash_at: int) -> None:
    """The process dies before its nth write; another goes on."""
    request = requested(await parents(new_identity))
    await ask(new_identity, request)
    execute, writes = new_identity.store.execute, count(1)

    async def dies(*arguments: object) -> object:
        if next(writes) >= crash_at:
            raise Unavailable("the process died")
        return await execute(*arguments)  # type: ignore[arg-type]

    new_identity.store.execute = dies  # type: ignore[method-assign, assignment]
    await desk_of(new_identity).work()
    new_identity.store.execute = execute  # type: ignore[method-assign]
    assert not isinstance(await last(new_identity, request.case), IdentityItemDone)

    await desk_of(new_identity).work()

    child = await child_of(new_identity, request)
    assert child.id_number[14:17] == "002"
    assert await claimed_by(new_identity, [child]) == 1


@pytest.mark.parametrize("same", ["birth_certificate", "birth_order"])
async def test_one_birth_asked_for_by_both_parents_is_entered_once(new_identity: Office, same: str) -> None:
    of = await parents(new_identity)
    one = requested(of, birth_order="first", birth_certificate="Q130000001")
    changed = {"birth_order": "second", "birth_certificate": "Q130000002", same: one.inputs[same]}
    other = requested(of, **changed)
    await ask(new_identity, one, other)

    await asyncio.gather(desk_of(new_identity).work(), desk_of(new_identity).work())

    answers = sorted([await last(new_identity, one.case), await last(new_identity, other.case)], key=repr)
    assert {type(answer) for answer in answers} == {IdentityItemDone, IdentityItemRefused}
    refused = next(answer for answer in answers if isinstance(answer, IdentityItemRefused))
    assert (refused.code, refused.may_retry) == ("birth_already_entered", False)


async def test_two_cases_of_one_mother_at_once_a_day_apart_are_one_entry_and_one_held(new_identity: Office) -> None:
    of = await parents(new_identity)
    cases = [requested(of), requested(of, birth_date="2023-12-23")]
    await ask(new_identity, *cases)
    await asyncio.gather(desk_of(new_identity).work(), desk_of(new_identity).work())
    answers = {type(await last(new_identity, one.case)) for one in cases}
    assert sorted(one.__name__ for one in answers) == ["IdentityItemDone", "IdentityItemWaiting"]


async def test_twins_are_two(new_identity: Office) -> None:
    of = await parents(new_identity)
    one, other = requested(of), requested(of, birth_order="second", child_sex="male", child_name="寓大满")
    await ask(new_identity, one, other)
    await desk_of(new_identity).work()
    assert (await child_of(new_identity, one)).person != (await child_of(new_identity, other)).person


async def test_a_parent_who_is_not_in_the_register_may_be_entered_and_the_case_tried_again(
    new_identity: Office,
) -> None:
    mother = number_of(male=False)
    of = {**await parents(new_identity), "mother_id_number": mother}
    request = requested(of)
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemRefused)
    assert (answer.code, answer.may_retry) == ("mother_not_registered", True)

    await new_identity.enter(someone(name="季试用", id_number=mother))
    await ask(new_identity, request.model_copy(update={"attempt": 2}))
    await desk_of(new_identity).work()

    await child_of(new_identity, request)


async def test_a_father_who_died_before_the_birth_is_the_father_by_marriage(new_identity: Office) -> None:
    of = await parents(new_identity)
    father, of_father = await new_identity.household.find(IdNumber(of["father_id_number"]))
    mother, _ = await new_identity.household.find(IdNumber(of["mother_id_number"]))
    await marry(new_identity, of)
    died = RecordDeath(date(2023, 9, 23), NOW)
    await new_identity.store.execute(PERSON.stream(father), PERSON, died, Context())
    request = requested(of, way="posthumous")
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, request)
    assert child.guardians == (mother,)
    assert isinstance(of_father, Entered)
    [birth] = await recorded(new_identity, child.person, BirthRecorded)
    assert (birth.mother, birth.father, birth.case) == (mother, father, request.case)


async def test_a_mother_alone_is_the_guardian_and_the_household_is_hers(new_identity: Office) -> None:
    of = await parents(new_identity)
    request = requested(
        {"mother_id_number": of["mother_id_number"]}, way="mother_alone", child_name="季小满", division="", address=""
    )
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, request)
    [birth] = await recorded(new_identity, child.person, BirthRecorded)
    assert birth.father is None
    assert child.guardians == (birth.mother,)
    assert (child.division, child.address) == (TAYUANZHUANG, "12号")


async def test_an_abolished_number_in_the_request_is_followed_to_the_mother(new_identity: Office) -> None:
    of = await parents(new_identity)
    mother, _ = await new_identity.household.find(IdNumber(of["mother_id_number"]))
    await new_identity.correct(mother, number_of(male=False))
    request = requested(of)
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, request)
    assert mother in child.guardians


async def test_after_a_correction_the_day_of_birth_is_that_of_the_register(new_identity: Office) -> None:
    of = await parents(new_identity)
    first = requested(of)
    await ask(new_identity, first)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, first)
    [*_, last_number] = NumberSeries(COUNTY, date(2023, 12, 23), is_male=False).numbers()
    await new_identity.correct(child.person, last_number)
    twin = requested(of, birth_date="2023-12-23", birth_order="second")
    same = requested(of, birth_date="2023-12-23")
    await ask(new_identity, twin, same)
    await desk_of(new_identity).work()
    await child_of(new_identity, twin)
    answer = await last(new_identity, same.case)
    assert isinstance(answer, IdentityItemRefused)
    assert answer.code == "birth_already_entered"
    corrected = await new_identity.household.entry(child.person)
    assert corrected.guardians == child.guardians
    assert await new_identity.household.find(last_number) == (child.person, corrected)


async def test_a_child_who_died_before_registration_is_entered_and_closed(new_identity: Office) -> None:
    request = requested(await parents(new_identity), died_on="2023-12-23")
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemDone)
    child = await new_identity.household.written(UUID(answer.results["child"]))
    assert isinstance(child, Dead)
    assert child.died_on == date(2023, 12, 23)


async def test_what_the_register_knows_of_the_household_is_told_and_the_rest_empty(new_identity: Office) -> None:
    of = await parents(new_identity)
    mother, _ = await new_identity.household.find(IdNumber(of["mother_id_number"]))
    unknown = requested(of)
    await ask(new_identity, unknown)
    await desk_of(new_identity).work()
    answer = await last(new_identity, unknown.case)
    assert isinstance(answer, IdentityItemDone)
    assert [answer.results[name] for name in HOUSEHOLD] == ["", "", ""]
    assert answer.results["registered_on"] == "2023-12-24"

    place = RecordHousehold(HouseholdPlace(number="130123001", relation="户主"), NOW)
    await new_identity.store.execute(PERSON.stream(mother), PERSON, place, Context())
    known = requested(of, birth_order="second")
    await ask(new_identity, known)
    await desk_of(new_identity).work()
    answer = await last(new_identity, known.case)
    assert isinstance(answer, IdentityItemDone)
    assert [answer.results[name] for name in HOUSEHOLD] == ["130123001", "季试用", "女"]


HOUSEHOLD = ("household_number", "householder_name", "relation")


async def marry(identity: Office, of: dict[str, str]) -> None:
    marriages = Marriages(identity.household)
    couple = await marriages.couple(IdNumber(of["father_id_number"]), IdNumber(of["mother_id_number"]))
    licence = f"J130102-2021-{next(_certificate):06}"
    await marriages.record(couple, licence, date(2021, 5, 20), NOW, Context())


async def recorded(identity: Office, person: UUID, kind: type[E]) -> list[E]:
    """What the register says of a person, of one kind."""
    events = (await identity.store.load(PERSON.stream(person), PERSON)).events
    return [event.data for event in events if isinstance(event.data, kind)]


async def test_a_name_that_cannot_be_is_refused_with_what_to_do(new_identity: Office) -> None:
    request = requested(await parents(new_identity), child_name="寓1")
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemRefused)
    assert (answer.code, answer.may_retry) == ("wrong_name", True)
    assert answer.reason.zh
    assert answer.reason.en


async def test_when_the_day_is_used_up_the_next_is_told_so_and_the_birth_stays_free(new_identity: Office) -> None:
    series = NumberSeries(COUNTY, DAY, is_male=False)
    for number in series.numbers():
        claim = ID_CLAIM.stream(new_identity.pseudonyms.id_number(number))
        await new_identity.store.execute(claim, ID_CLAIM, ClaimIdNumber(uuid4(), 1, NOW), Context())
    of = await parents(new_identity)
    request = requested(of)
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemRefused)
    assert (answer.code, answer.may_retry) == ("numbers_used_up", True)

    boy = requested(of, child_sex="male", birth_certificate=request.inputs["birth_certificate"])
    await ask(new_identity, boy)
    await desk_of(new_identity).work()
    assert (await child_of(new_identity, boy)).id_number.is_male


async def test_an_entry_that_is_withdrawn_stays_and_says_where_to_go(new_identity: Office) -> None:
    request = requested(await parents(new_identity))
    await ask(new_identity, request)
    await desk_of(new_identity).work()
    child = await child_of(new_identity, request)
    await ask(new_identity, withdrawn(request.case))
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemUndone)
    assert answer.left == STAYS
    assert await new_identity.household.entry(child.person) == child


async def test_a_birth_withdrawn_before_it_was_entered_may_be_entered_by_another_case(new_identity: Office) -> None:
    of = await parents(new_identity)
    request = requested(of)
    await ask(new_identity, request, withdrawn(request.case))
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemUndone)
    assert answer.left is None
    newborn = new_identity.pseudonyms.newborn(reference(request.case, "household_entry"))
    assert not (await new_identity.store.load(PERSON.stream(newborn), PERSON)).events

    again = requested(of, birth_certificate=request.inputs["birth_certificate"])
    await ask(new_identity, again)
    await desk_of(new_identity).work()
    await child_of(new_identity, again)
