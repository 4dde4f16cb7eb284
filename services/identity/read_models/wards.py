"""Whose guardian someone is."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from shared.contracts.event import Recorded
from shared.contracts.identity import EntryAnnulled, GuardiansNamed
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

OF = "select person from wards where guardian = $1 order by person limit $2"
MOST = 100  # looked after by one guardian


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case GuardiansNamed(person=person, guardians=guardians):
            yield "cleared", (person,)
            for guardian in guardians:
                yield "named", (person, guardian)
        case EntryAnnulled(person=person):
            yield "cleared", (person,)


WARDS = ReadModel.beside(__file__, version=2, events=(GuardiansNamed, EntryAnnulled), project=project)


async def wards_of(pool: Pool, guardian: UUID) -> Sequence[UUID]:
    return [row["person"] for row in await pool.fetch(OF, guardian, MOST)]
