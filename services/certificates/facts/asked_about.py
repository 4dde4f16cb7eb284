"""Who asked about a person, when, what, and what for: for that person to see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.facts.question import FactAnswered, FactAsked, FactRefused
from shared.contracts.certificates import CertificatesErased
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case FactAsked() as asked if asked.person:
            yield (
                "asked",
                (
                    asked.question,
                    asked.person,
                    asked.fact,
                    asked.about,
                    asked.asker,
                    asked.division,
                    asked.purpose,
                    asked.case,
                    asked.asked_at,
                ),
            )
        case FactAnswered(question=question, answer=answer):
            yield "came_to", (question, answer)
        case FactRefused(question=question):
            yield "came_to", (question, "refused")
        case CertificatesErased(person=person):
            yield "forgotten", (person,)


ASKED_ABOUT = ReadModel.beside(
    __file__, version=2, events=(FactAsked, FactAnswered, FactRefused, CertificatesErased), project=project
)

LIST = """
select question, fact, about, asker, division, purpose, case_number, asked_at, outcome from asked_about
where person = $1 and (asked_at, question) < ($2, $3) order by asked_at desc, question desc limit $4
"""


@dataclass(frozen=True, slots=True)
class AskedAbout:
    question: UUID
    fact: str
    about: str | None
    asker: UUID
    division: str
    purpose: str
    case_number: str
    asked_at: datetime
    outcome: str  # 'yes', 'no', 'unknown', 'refused'

    @property
    def place(self) -> Place:
        return Place(self.asked_at, self.question)


async def asked_about(pool: Pool, person: UUID, *, after: Place, limit: int) -> list[AskedAbout]:
    """The newest first."""
    return [AskedAbout(**row) for row in await pool.fetch(LIST, person, *after, limit)]
