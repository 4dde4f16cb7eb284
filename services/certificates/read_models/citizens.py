"""How to reach citizens who opened an account (identity): the number a form is filled with."""

from collections.abc import Iterator
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import AccountPhoneChanged, CitizenRegistered, IdentityErased
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CitizenRegistered(citizen=citizen, phone=phone) | AccountPhoneChanged(citizen=citizen, phone=phone):
            yield "registered", (citizen, phone)
        case IdentityErased(person=person):
            yield "forgotten", (person,)


CITIZENS = ReadModel.beside(
    __file__, version=3, events=(CitizenRegistered, AccountPhoneChanged, IdentityErased), project=project
)


async def phone_of(pool: Pool, citizen: UUID) -> str | None:
    """None: identity's event about his account has not arrived."""
    phone: str | None = await pool.fetchval("select phone from citizens where citizen = $1", citizen)
    return phone
