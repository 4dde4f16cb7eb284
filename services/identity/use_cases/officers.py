"""Whether somebody is the very person behind a login, or close to them: nobody serves themselves (回避).

At a counter an officer stands aside from themselves; in the register from their spouse, parents and children too.
"""

from dataclasses import dataclass
from uuid import UUID

from services.identity.domain.person import Dead, Entered, entry_of
from services.identity.domain.staff import STAFF, Dismissed, Serving
from services.identity.household import Household
from services.identity.marriages import Marriages
from services.identity.read_models.wards import wards_of
from shared.contracts.standing_aside import not_ones_own_matter
from shared.standards.id_number import IdNumber


async def is_officer(household: Household, staff: UUID, number: IdNumber, person: UUID | None = None) -> bool:
    """By the number the login was appointed under, or the `person` it names. No account is needed for that."""
    state = (await household.store.stand(STAFF.stream(staff), STAFF)).state
    if not isinstance(state, Serving):
        return False
    return state.officer == household.pseudonyms.officer(number) or (person is not None and state.person == person)


async def stand_aside(household: Household, staff: UUID, number: IdNumber, person: UUID | None = None) -> None:
    """Raises Refused "not_ones_own_matter"."""
    if await is_officer(household, staff, number, person):
        raise not_ones_own_matter()


async def is_same_officer(household: Household, one: UUID, other: UUID) -> bool:
    """Whether two logins are one person's."""
    if one == other:
        return True
    people = []
    for staff in (one, other):
        state = (await household.store.stand(STAFF.stream(staff), STAFF)).state
        officer = state.officer if isinstance(state, Serving | Dismissed) else None
        people.append({officer, state.person if isinstance(state, Serving) else None} - {None})
    return not people[0].isdisjoint(people[1])


@dataclass(frozen=True, slots=True)
class OwnMatters:
    """The register's acts on a person: not by themselves, their spouse, their parents or their children."""

    household: Household

    async def stand_aside(self, staff: UUID, *persons: UUID) -> None:
        """Raises Refused "not_ones_own_matter"."""
        for person in dict.fromkeys([*persons, *[one for of in persons for one in await self.relatives(of)]]):
            state = await self.household.state(person)
            if isinstance(state, Entered | Dead):
                await stand_aside(self.household, staff, entry_of(state).id_number, person)

    async def relatives(self, person: UUID) -> list[UUID]:
        """Guardians, wards and spouse; who was a ward stays one here when grown up."""
        state = await self.household.state(person)
        guardians = entry_of(state).guardians if isinstance(state, Entered | Dead) else ()
        marriage = await Marriages(self.household).of(person)
        spouses = [one for one in marriage.persons if one != person] if marriage else []
        return [*guardians, *await wards_of(self.household.store.pool, person), *spouses]
