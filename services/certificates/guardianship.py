"""Guardians act for the minors whom the register names them for, as those would for themselves."""

from datetime import date
from uuid import UUID

from services.certificates.applicant import somebody
from services.certificates.read_models.people import Person, find_person, guarded_by
from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.eventstore.database import Pool


async def wards_of(pool: Pool, guardian: UUID, today: date) -> list[Person]:
    return [person for person in await guarded_by(pool, guardian) if somebody(person).is_ward_of(guardian, today)]


async def acting_for(pool: Pool, caller: Caller, of: UUID | None, today: date) -> UUID:
    """Whose business it is: the caller's own, or a ward's. Raises NotAllowed for staff, NotFound for anybody else's."""
    citizen = caller.citizen()
    if of is None or await stands_for(pool, citizen, of, today):
        return of or citizen
    raise NotFound(
        "no_such_ward",
        "没有找到由您监护的该未成年人，请从“我的被监护人”中选择。",
        "You are guardian of no such minor; please choose one of your list.",
    )


async def stands_for(pool: Pool, citizen: UUID, of: UUID, today: date) -> bool:
    """Whether he is that person, or his guardian."""
    if citizen == of:
        return True
    person = await find_person(pool, of)
    return person is not None and somebody(person).is_ward_of(citizen, today)
