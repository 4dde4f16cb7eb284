"""What each seal and signature signed: for its keeper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain.seal_use import SealUsed
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

LATEST = Place.last()


def project(event: Recorded) -> Iterator[Statement]:
    if isinstance(used := event.data, SealUsed):
        yield "used", (event.id, used.seal, used.certificate, used.digest, used.used_at)


SEAL_USES = ReadModel.beside(__file__, version=1, events=(SealUsed,), project=project)

LIST = """
select event, certificate, digest, used_at from seal_uses where seal = $1 and (used_at, event) < ($2, $3)
order by used_at desc, event desc limit $4
"""


@dataclass(frozen=True, slots=True)
class UseRow:
    event: UUID
    certificate: UUID
    digest: str
    used_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.used_at, self.event)


async def uses_of(pool: Pool, seal: UUID, *, after: Place = LATEST, limit: int) -> list[UseRow]:
    """The newest first."""
    return [UseRow(**row) for row in await pool.fetch(LIST, seal, *after, limit)]
