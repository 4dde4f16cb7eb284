"""The last answer of each other department about a person's data."""

from collections.abc import Iterator
from uuid import UUID

from shared.contracts.cases import CasesErased, CasesKept
from shared.contracts.certificates import CertificatesErased, CertificatesKept
from shared.contracts.erasure import PersonErased, PersonKept
from shared.contracts.event import Recorded
from shared.contracts.insurance import InsuranceErased, InsuranceKept
from shared.contracts.notification import NotificationErased, NotificationKept
from shared.department.erasures import REASONS, Standing, standing
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    department = event.type.partition(".")[0]
    match event.data:
        case PersonErased(person=person, request=request, erased_at=at):
            yield "answered", (person, department, request, "erased", "[]", at)
        case PersonKept(person=person, request=request, reasons=reasons, kept_at=at):
            yield "answered", (person, department, request, "kept", REASONS.dump_json(reasons).decode(), at)


ERASURE_ANSWERS = ReadModel.beside(
    __file__,
    version=1,
    events=(
        CertificatesErased,
        CertificatesKept,
        InsuranceErased,
        InsuranceKept,
        CasesErased,
        CasesKept,
        NotificationErased,
        NotificationKept,
    ),
    project=project,
)

OF = "select department, request, status, reasons, answered_at from erasure_answers where person = $1"


async def answers_of(pool: Pool, person: UUID) -> dict[str, Standing]:
    """By department; those that have not answered are missing."""
    return {row["department"]: standing(row) for row in await pool.fetch(OF, person)}
