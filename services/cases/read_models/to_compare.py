"""Open cases about people of whom the register said something new: a to-do list, empty but for moments."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from services.cases.domain.events import FactsCompared
from shared.contracts.cases import CaseClosed, CaseItemFinished, CaseOpened
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    EntryAnnulled,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

OF_A_PERSON: tuple[type[Event], ...] = (
    PersonRegistered,
    PersonCorrected,
    PersonMoved,
    PersonDied,
    DeathRecordWithdrawn,
    EntryAnnulled,
)


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case CaseOpened(case=case, persons=persons, as_told=as_told) as opened:
            concerned = {opened.applicant, *persons.values(), *(one.person for one in opened.consents)}
            for person in sorted(concerned):
                yield "about", (case, person, as_told.get(str(person), 0))
        case CaseItemFinished(case=case, results=results, outcome="done"):
            for person in sorted(_ids(results.values())):  # somebody who is in the register now: the child
                yield "about", (case, person, 0)
        case FactsCompared(case=case, as_told=as_told):
            for id, version in sorted(as_told.items()):
                yield "compared", (case, UUID(id), version)
        case CaseClosed(case=case):
            yield "closed", (case,)
        case data if isinstance(data, OF_A_PERSON):
            person = data.person  # type: ignore[attr-defined]
            yield "said", (person, event.version, event.recorded_at)


def _ids(values: Iterable[str]) -> set[UUID]:
    found = set()
    for value in values:
        try:
            found.add(UUID(value))
        except ValueError:
            continue
    return found


TO_COMPARE = ReadModel.beside(
    __file__,
    version=1,
    events=(CaseOpened, CaseItemFinished, FactsCompared, CaseClosed, *OF_A_PERSON),
    project=project,
)

NEXT = """
select c."case", min(s.said_at) as said_at
from compared_people c join said_of_people s using (person)
where s.version > c.as_told
group by c."case" having (min(s.said_at), c."case") > ($1, $2) order by 2, 1 limit $3
"""


async def next_to_compare(pool: Pool, *, after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the case."""
    return [Place(row["said_at"], row["case"]) for row in await pool.fetch(NEXT, *after, limit)]
