"""Refused, and no notice yet: a to-do list. Before a refusal said that it has one, its type did."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from services.certificates.domain.notice_issued import NoticeIssued
from shared.contracts.certificates import ApplicationRefused
from shared.contracts.event import Recorded
from shared.department.paging import Place
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationRefused(application=application, certificate_type=code, refused_at=at, has_notice=has_notice):
            yield "refused", (application, code, at, has_notice)
        case NoticeIssued(application=application, document=document):
            yield "issued", (application, document)


TO_NOTIFY = ReadModel.beside(__file__, version=2, events=(ApplicationRefused, NoticeIssued), project=project)

NEXT = """
select application, refused_at from to_notify
where document is null and (has_notice or certificate_type = any($1::text[])) and (refused_at, application) > ($2, $3)
order by refused_at, application limit $4
"""


async def next_to_notify(pool: Pool, *, codes: Sequence[str], after: Place, limit: int) -> list[Place]:
    """The longest waiting first; each place's id is the application."""
    rows = await pool.fetch(NEXT, codes, *after, limit)
    return [Place(row["refused_at"], row["application"]) for row in rows]


async def notice_document(pool: Pool, application: UUID) -> str | None:
    """SHA-256 of the PDF. None: there is no notice, or not yet."""
    found: str | None = await pool.fetchval("select document from to_notify where application = $1", application)
    return found
