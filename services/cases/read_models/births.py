"""A mother's births: those in the register, and those that a case is about while it is open."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from services.cases.domain.another_birth import OtherBirth
from shared.contracts.cases import CaseClosed, CaseOpened, CasesErased
from shared.contracts.event import Recorded
from shared.contracts.identity import BirthRecorded, EntryAnnulled, IdentityErased, PersonCorrected
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CaseOpened(persons={"mother": mother}, form={"birth_date": day, "birth_order": order}) as opened:
            yield "opened", (opened.case, mother, date.fromisoformat(day), order, opened.applicant)
        case BirthRecorded(person=child, case=case, mother=mother, born_on=day, order=order):
            yield "entered", (case or child, child, mother, day, order)
        case PersonCorrected(person=person, id_number=number) if number:  # none: it was erased
            yield "corrected", (person, number.birth_date)
        case CaseClosed(case=case):
            yield "closed", (case,)
        case EntryAnnulled(person=person):
            yield "annulled", (person,)
        case IdentityErased(person=person):
            yield "forgotten", (person,)
        case CasesErased(person=person):
            yield "form_forgotten", (person,)
            yield "applicant_forgotten", (person,)


BIRTHS = ReadModel.beside(
    __file__,
    version=2,
    events=(CaseOpened, BirthRecorded, PersonCorrected, CaseClosed, EntryAnnulled, IdentityErased, CasesErased),
    project=project,
)

NEAR = """
select coalesce(corrected, born_on) as born_on, birth_order as "order" from births
where mother = $1 and coalesce(corrected, born_on) <> $2 and abs(coalesce(corrected, born_on) - $2) <= $3
order by 1 limit $4
"""
MOST = 50  # more births than anybody has within one pregnancy's time


async def births_near(pool: Pool, mother: UUID, day: date, days: int) -> list[OtherBirth]:
    """Of other days; the children of one day are told apart by their order."""
    return [OtherBirth(**row) for row in await pool.fetch(NEAR, mother, day, days, MOST)]
