"""What the register says now of those whom a paper names: holder, and a birth's child, mother and father."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.certificates.applicant import known_of
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.register_facts import Subject
from services.certificates.read_models.births import Birth, births_of, case_of, names_borne
from services.certificates.read_models.certificates import find_certificate
from services.certificates.read_models.people import find_person
from shared.eventstore.database import Pool
from shared.standards.person_name import is_same_name


@dataclass(frozen=True, slots=True)
class Paper:
    """An application, or the certificate that came of it."""

    application: UUID
    citizen: UUID
    form: Mapping[str, str]


async def subjects_of(pool: Pool, type: CertificateType, paper: Paper) -> dict[Subject, UUID]:
    """Who is who on a paper, as far as it is known; the holder always."""
    subjects: dict[Subject, UUID] = {"holder": paper.citizen}
    if not type.says:
        return subjects
    for birth in await births_of(pool, paper.citizen):
        if birth.child == paper.citizen or (
            birth.mother == paper.citizen and await _is_about(pool, type, paper, birth)
        ):
            subjects |= {"child": birth.child, "mother": birth.mother}
            if birth.father:
                subjects["father"] = birth.father
            break
    parents = [one for role in ("mother", "father") if (one := subjects.get(role))]
    named = next((paper.form.get(name) for name, says in type.says.items() if says.fact == "householder.name"), None)
    for parent in parents if named else ():
        if any(is_same_name(named or "", one) for one in await names_borne(pool, parent)):
            subjects["householder"] = parent
    return subjects


async def known_now(pool: Pool, subjects: Mapping[Subject, UUID]) -> dict[str, str]:
    """By fact, such as 'child.name'. Of whom the register told nothing nothing is known."""
    known: dict[str, str] = {}
    for role, id in subjects.items():
        if person := await find_person(pool, id):
            of_person = await known_of(pool, person)
            known |= {source.replace("person.", f"{role}.", 1): value for source, value in of_person.items()}
    return known


async def _is_about(pool: Pool, type: CertificateType, paper: Paper, birth: Birth) -> bool:
    """By the birth certificate the entry rests on, by the case, or by name and day of the child."""
    certificate = await find_certificate(pool, birth.birth_certificate)
    if certificate and certificate.application == paper.application:
        return True
    case = await case_of(pool, paper.application)
    if birth.case is not None and case is not None:
        return case == birth.case
    said = {says.fact: paper.form.get(name) for name, says in type.says.items()}
    name, day = said.get("child.name"), said.get("child.birth_date")
    if not name or not day or date.fromisoformat(day) != birth.born_on:
        return False
    return any(is_same_name(name, one) for one in await names_borne(pool, birth.child))
