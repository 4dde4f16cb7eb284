"""A marriage whose recording did not come to an end, and one that is restored: nobody is kept from marrying, nobody is
ever in two."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

import pytest

from services.identity.domain.events import MarriageAttemptLapsed, SpouseClaimed, SpouseReleased
from services.identity.domain.marriage import MARRIAGE, EndMarriage, LapseAttempt, RestoreMarriage
from services.identity.domain.person import PERSON, RecordDeath, WithdrawDeath
from services.identity.domain.spouse_claim import SPOUSE_CLAIM, ClaimSpouse, ReleaseSpouse
from services.identity.household import Household
from services.identity.marriages import UNFINISHED, Couple, Marriages
from services.identity.widowing import Widowing
from shared.contracts.errors import NotFound, Refused, Unavailable
from shared.contracts.identity import MarriageEnded, MarriageRestored, Role
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import LI_ID, NOW, WANG_ID, decided
from tests.services.identity.office import Office, code
from tests.services.identity.test_marriage import ENDED, MARRIAGE_ID, MARRIED_ON, RECORDED, recording
from tests.services.identity.test_marriages_api import adult, couple, marriage, married

LAPSED = MarriageAttemptLapsed(marriage=MARRIAGE_ID, lapsed_at=NOW)
DEATH = date(2023, 12, 1)
WIDOWED = MarriageEnded(marriage=MARRIAGE_ID, persons=(WANG_ID, LI_ID), reason="death", ended_on=DEATH, recorded_at=NOW)
RESTORED = MarriageRestored(marriage=MARRIAGE_ID, persons=(WANG_ID, LI_ID), restored_at=NOW)
LATER = NOW + UNFINISHED


def test_an_attempt_that_lapsed_is_never_recorded_under() -> None:
    assert decided(MARRIAGE, [], LapseAttempt(MARRIAGE_ID, 0, NOW)) == [LAPSED]
    with pytest.raises(Refused, match="attempt_lapsed"):
        decided(MARRIAGE, [LAPSED], recording())
    assert decided(MARRIAGE, [LAPSED], replace(recording(), edition=1)) == [RECORDED]


def test_an_attempt_lapses_once_and_a_marriage_that_stands_does_not() -> None:
    assert decided(MARRIAGE, [LAPSED], LapseAttempt(MARRIAGE_ID, 0, NOW)) == []
    assert decided(MARRIAGE, [RECORDED], LapseAttempt(MARRIAGE_ID, 0, NOW)) == []


def test_a_marriage_that_a_death_ended_is_restored_once_and_may_end_again() -> None:
    assert decided(MARRIAGE, [RECORDED, WIDOWED], RestoreMarriage(1, NOW)) == [RESTORED]
    assert decided(MARRIAGE, [RECORDED, WIDOWED, RESTORED], RestoreMarriage(1, NOW)) == []
    assert decided(MARRIAGE, [RECORDED, WIDOWED, RESTORED], EndMarriage("death", DEATH, NOW)) == [WIDOWED]


def test_a_divorce_is_not_restored_nor_what_nobody_recorded() -> None:
    with pytest.raises(Refused, match="ended_by_divorce"):
        decided(MARRIAGE, [RECORDED, ENDED], RestoreMarriage(1, NOW))
    with pytest.raises(NotFound):
        decided(MARRIAGE, [], RestoreMarriage(0, NOW))


def test_restoring_is_not_done_under_an_edition_that_is_over() -> None:
    with pytest.raises(Refused, match="attempt_lapsed"):
        decided(MARRIAGE, [RECORDED, WIDOWED, LAPSED], RestoreMarriage(1, NOW))
    assert decided(MARRIAGE, [RECORDED, WIDOWED, LAPSED], RestoreMarriage(2, NOW)) == [RESTORED]


def test_a_claim_for_a_later_edition_outlives_the_release_of_an_earlier_one() -> None:
    first, second = (SpouseClaimed(marriage=MARRIAGE_ID, claimed_at=NOW, edition=n) for n in (0, 1))
    assert decided(SPOUSE_CLAIM, [first], ClaimSpouse(MARRIAGE_ID, NOW, 1)) == [second]
    assert decided(SPOUSE_CLAIM, [first, second], ReleaseSpouse(MARRIAGE_ID, NOW, 0)) == []
    released = SpouseReleased(marriage=MARRIAGE_ID, released_at=NOW)
    assert decided(SPOUSE_CLAIM, [first, second], ReleaseSpouse(MARRIAGE_ID, NOW, 1)) == [released]


@dataclass(frozen=True)
class Interrupted:
    """The store as it is, but before its command number `nth` something happens."""

    store: Store
    nth: int
    happens: Callable[[], Awaitable[None]]
    seen: list[str]

    @property
    def load(self) -> Any:
        return self.store.load

    @property
    def stand(self) -> Any:
        return self.store.stand

    async def execute(self, stream: str, aggregate: Aggregate[Any, Any], command: Any, context: Context) -> Done[Any]:
        self.seen.append(stream)
        if len(self.seen) == self.nth:
            await self.happens()
        return await self.store.execute(stream, aggregate, command, context)


def interrupted(identity: Office, nth: int, happens: Callable[[], Awaitable[None]]) -> Marriages:
    store = cast(Store, Interrupted(identity.store, nth, happens, []))
    return Marriages(Household(store, identity.pseudonyms))


async def killed() -> None:
    raise Unavailable("killed")


async def pair(identity: Office, husband: dict[str, str], wife: dict[str, str]) -> Couple:
    return await Marriages(identity.household).couple(IdNumber(husband["id_number"]), IdNumber(wife["id_number"]))


async def record(marriages: Marriages, of: Couple, licence: str, now: datetime) -> None:
    await marriages.record(of, licence, MARRIED_ON, now, Context())


@pytest.mark.parametrize("nth", [2, 3])
async def test_stopped_between_its_claims_a_marriage_keeps_nobody_for_longer_than_a_minute(
    identity: Office, nth: int
) -> None:
    husband, wife = await couple(identity)
    bachelor, other = await couple(identity)
    told = marriage(husband, wife)
    both, of_him, of_her = [await pair(identity, *who) for who in ((husband, wife), (husband, other), (bachelor, wife))]
    with pytest.raises(Unavailable):
        await record(interrupted(identity, nth, killed), both, told["licence"], NOW)

    marriages = Marriages(identity.household)
    licence = marriage(husband, other)["licence"]
    held = {one.person for one in (both.husband, both.wife)}
    first = min(held)
    with pytest.raises(Refused, match="already_married"):
        await record(marriages, of_him if first == both.husband.person else of_her, licence, LATER - UNFINISHED / 2)
    await record(marriages, of_him, licence, LATER)
    await record(marriages, of_her, marriage(bachelor, wife)["licence"], LATER)
    with pytest.raises(Refused, match="already_married"):
        await record(marriages, both, told["licence"], LATER)


async def test_what_was_stopped_may_be_repeated_after_its_attempt_lapsed(identity: Office) -> None:
    husband, wife = await couple(identity)
    _, other = await couple(identity)
    told, both = marriage(husband, wife), await pair(identity, husband, wife)
    with pytest.raises(Unavailable):
        await record(interrupted(identity, 3, killed), both, told["licence"], NOW)
    async with await identity.desk(Role.registrar) as desk:
        instead = (await desk.post("/marriages", json=marriage(husband, other))).json()["marriage"]
        await desk.post(f"/marriages/{instead}/end", json={"ended_on": "2023-11-30"})
        repeated = await desk.post("/marriages", json=told)
    assert repeated.status_code == 201


async def test_who_comes_back_after_another_took_over_comes_too_late(identity: Office) -> None:
    """The request was only slow, not dead: between its claims and its marriage another one went ahead."""
    husband, wife = await couple(identity)
    _, other = await couple(identity)
    both, instead = await pair(identity, husband, wife), await pair(identity, husband, other)
    marriages = Marriages(identity.household)

    async def overtaken() -> None:
        await record(marriages, instead, marriage(husband, other)["licence"], LATER)

    told = marriage(husband, wife)
    with pytest.raises(Refused, match="attempt_lapsed"):
        await record(interrupted(identity, 3, overtaken), both, told["licence"], NOW)
    standing = await marriages.of(both.husband.person)
    assert standing is not None
    assert standing.persons == (instead.husband.person, instead.wife.person)
    assert await marriages.of(both.wife.person) is None


async def widowed(identity: Office, desk: Any) -> tuple[dict[str, str], dict[str, str], str]:
    husband, wife, id = await married(identity, desk)
    person, _ = await identity.household.find(IdNumber(husband["id_number"]))
    stream = PERSON.stream(person)
    await identity.store.execute(stream, PERSON, RecordDeath(DEATH, NOW), Context())
    await Widowing(Marriages(identity.household), identity.department.engine.pool).sweep()
    assert await identity.types_of(f"marriage-{id}") == ["MarriageRecorded", "MarriageEnded"]
    await identity.store.execute(stream, PERSON, WithdrawDeath("误登", "核查报告", NOW), Context())
    return husband, wife, id


async def test_with_the_record_of_the_death_withdrawn_the_marriage_is_restored_and_ends_with_the_true_one(
    identity: Office,
) -> None:
    async with await identity.desk(Role.registrar) as desk:
        husband, _, id = await widowed(identity, desk)
        restored = await desk.post(f"/marriages/{id}/restore")
        again = await desk.post(f"/marriages/{id}/restore")
        _, other = await couple(identity)
        refused = await desk.post("/marriages", json=marriage(husband, other))
    person, _ = await identity.household.find(IdNumber(husband["id_number"]))
    widowing = Widowing(Marriages(identity.household), identity.department.engine.pool)
    await widowing.sweep()
    assert (await identity.types_of(f"marriage-{id}"))[-1] == "MarriageRestored"
    await identity.store.execute(PERSON.stream(person), PERSON, RecordDeath(DEATH, NOW), Context())
    await widowing.sweep()

    assert (restored.status_code, restored.json()["ended_on"]) == (200, None)
    assert again.status_code == 200
    assert code(refused) == (409, "already_married")
    assert (await identity.types_of(f"marriage-{id}"))[-1] == "MarriageEnded"


async def test_a_marriage_is_not_restored_where_a_spouse_is_dead_or_has_married_since(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as desk:
        _, wife, id = await widowed(identity, desk)
        bachelor = adult(male=True)
        await identity.enter(bachelor)
        assert (await desk.post("/marriages", json=marriage(bachelor, wife))).status_code == 201
        married_since = await desk.post(f"/marriages/{id}/restore")
        _, _, divorced = await married(identity, desk)
        await desk.post(f"/marriages/{divorced}/end", json={"ended_on": "2023-11-30"})
        of_divorce = await desk.post(f"/marriages/{divorced}/restore")
        late, _, ended = await widowed(identity, desk)
        person, _ = await identity.household.find(IdNumber(late["id_number"]))
        await desk.post(f"/people/{person}/death", json={"died_on": "2023-12-02"})
        dead = await desk.post(f"/marriages/{ended}/restore")
    assert code(married_since) == (409, "already_married")
    assert code(of_divorce) == (409, "ended_by_divorce")
    assert code(dead) == (409, "entry_closed")
    async with await identity.desk(Role.registrar, division="450821000000") as elsewhere:
        assert code(await elsewhere.post(f"/marriages/{id}/restore")) == (404, "no_such_marriage")
