"""Who may act for whom: guardians for the minors the register names them for, agents under an accepted mandate."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.certificates.applicant import somebody
from services.certificates.read_models.people import Person, find_person, guarded_by
from shared.contracts.agency import Agency
from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.department.mandates import acts_for
from shared.eventstore.database import Pool

APPLY = "certificates.apply"
READ = "certificates.read"
"""Matters of `matters.yaml`."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Whose business it is, and under which mandate. `agency` None: for oneself, or as a guardian."""

    citizen: UUID
    agency: Agency | None = None


async def wards_of(pool: Pool, guardian: UUID, today: date) -> list[Person]:
    return [person for person in await guarded_by(pool, guardian) if somebody(person).is_ward_of(guardian, today)]


async def acting_for(pool: Pool, caller: Caller, of: UUID | None, today: date, *matters: str) -> Acting:
    """The caller's own business, a ward's, or that of who let them act in one of these matters.

    Raises NotAllowed for staff, NotFound for anybody else's.
    """
    citizen = caller.citizen()
    acting = Acting(citizen) if of is None else await stands_for(pool, citizen, of, today, *matters)
    if acting is None:
        raise NotFound(
            "no_such_ward",
            "没有找到由您监护的该未成年人，或您没有此人现行有效的该项委托，请从“我的被监护人”或“我的委托”中选择。",
            "You are guardian of no such minor and hold no such mandate; please choose from your wards or mandates.",
        )
    return acting


async def stands_for(pool: Pool, citizen: UUID, of: UUID, today: date, *matters: str) -> Acting | None:
    """None: the citizen is neither that person, nor their guardian, nor their agent in one of these matters."""
    if citizen == of:
        return Acting(of)
    person = await find_person(pool, of)
    if person is None:
        return None
    if somebody(person).is_ward_of(citizen, today):
        return Acting(of)
    agency = await agency_for(pool, citizen, of, today, *matters)
    return Acting(of, agency) if agency else None


async def agency_for(pool: Pool, agent: UUID, principal: UUID, today: date, *matters: str) -> Agency | None:
    """The accepted mandate that holds today for one of these matters."""
    mandate = await acts_for(pool, agent, principal, today, *matters)
    return Agency(mandate.mandate, mandate.agent, mandate.agent_name) if mandate else None
