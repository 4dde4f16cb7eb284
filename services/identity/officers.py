"""Whether somebody is the very person behind a login: nobody serves themselves at a counter."""

from uuid import UUID

from services.identity.domain.staff import STAFF, Serving
from services.identity.household import Household
from shared.contracts.standing_aside import not_ones_own_matter
from shared.standards.id_number import IdNumber


async def is_officer(household: Household, staff: UUID, number: IdNumber, person: UUID | None = None) -> bool:
    """By the number the login was appointed under, or the `person` it names. No account is needed for that."""
    state = (await household.store.load(STAFF.stream(staff), STAFF)).state
    if not isinstance(state, Serving):
        return False
    return state.officer == household.pseudonyms.officer(number) or (person is not None and state.person == person)


async def stand_aside(household: Household, staff: UUID, number: IdNumber, person: UUID | None = None) -> None:
    """Raises Refused "not_ones_own_matter"."""
    if await is_officer(household, staff, number, person):
        raise not_ones_own_matter()
