"""What other departments' events told us about someone who applies, or who acts for him."""

from datetime import datetime
from uuid import UUID

from services.certificates.domain import refusals
from services.certificates.domain.desk import Somebody
from services.certificates.domain.still_true import RegisterNow
from services.certificates.read_models.changes import left_since
from services.certificates.read_models.citizens import phone_of
from services.certificates.read_models.people import Person, find_person
from shared.contracts.errors import Refused
from shared.department.answer import division_name
from shared.eventstore.database import Pool
from shared.forms.fields import Known, Source
from shared.standards.divisions import at_level


def somebody(person: Person) -> Somebody:
    return Somebody(person.person, person.id_number, person.died_on is None, person.guardians)


async def require_person(pool: Pool, citizen: UUID) -> Person:
    """Raises Refused "not_known_yet" while identity's events about him are on their way."""
    if person := await find_person(pool, citizen):
        if person.annulled:
            raise refusals.entry_annulled()
        return person
    raise Refused(
        "not_known_yet",
        "您的户籍信息尚未送达，通常只需片刻，请稍后重试。",
        "Your entry in the household register has not reached us yet; this takes a moment, please try again.",
    )


async def register_now(pool: Pool, citizen: UUID, since: datetime) -> RegisterNow | None:
    """What the register says of an applicant today, and where he moved from since. None: identity told nothing yet."""
    person = await find_person(pool, citizen)
    if person is None:
        return None
    left = await left_since(pool, citizen, since)
    return RegisterNow(person.died_on is None, await known_of(pool, person), left, person.annulled)


async def what_is_known(pool: Pool, citizen: UUID) -> Known:
    """Raises Refused "not_known_yet"."""
    return await known_of(pool, await require_person(pool, citizen))


async def known_of(pool: Pool, person: Person) -> Known:
    """What a form of his is filled with."""
    known: dict[Source, str] = {
        "person.name": person.name,
        "person.id_number": str(person.id_number),
        "person.birth_date": person.id_number.birth_date.isoformat(),
        "person.sex": "male" if person.id_number.is_male else "female",
        "person.division": person.division,
        "person.county": at_level(person.division, "county"),
        "person.household": division_name(person.division),
        "person.address": person.address,
        "person.full_address": division_name(person.division) + person.address,
    }
    if phone := await phone_of(pool, person.person):
        known["citizen.phone"] = phone
    return known
