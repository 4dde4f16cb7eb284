"""What other departments' events told us about someone who applies."""

from uuid import UUID

from services.certificates.read_models.citizens import phone_of
from services.certificates.read_models.people import find_person
from shared.contracts.errors import Refused
from shared.eventstore.database import Pool
from shared.forms.fields import Known, Source
from shared.standards.division_names import full_name
from shared.standards.divisions import at_level, find


async def what_is_known(pool: Pool, citizen: UUID) -> Known:
    """Raises Refused "not_known_yet" while identity's events about him are on their way."""
    person = await find_person(pool, citizen)
    if person is None:
        raise Refused(
            "not_known_yet",
            "您的户籍信息尚未送达，通常只需片刻，请稍后重试。",
            "Your entry in the household register has not reached us yet; this takes a moment, please try again.",
        )
    known: dict[Source, str] = {
        "person.name": person.name,
        "person.id_number": str(person.id_number),
        "person.birth_date": person.id_number.birth_date.isoformat(),
        "person.sex": "male" if person.id_number.is_male else "female",
        "person.division": person.division,
        "person.county": at_level(person.division, "county"),
        "person.household": full_name(person.division) if find(person.division) else person.division,
        "person.address": person.address,
    }
    if phone := await phone_of(pool, citizen):
        known["citizen.phone"] = phone
    return known
