"""The notices of a citizen or a member of staff, newest first. Facts only; the words are found when they are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from services.notification.domain.notice import Fact, NoticeWritten
from shared.contracts.event import Recorded
from shared.contracts.notification import NoticeDelivered, NoticeRead, NotificationErased
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement

FIND = """
select notice, template, facts, about, occurred_at, delivered_at, read_at, as_guardian from my_notices
where recipient = $1 and notice = $2 and delivered_at is not null
"""
NEWEST = """
select notice, template, facts, about, occurred_at, delivered_at, read_at, as_guardian from my_notices
where recipient = $1 and delivered_at is not null
  and (occurred_at, notice) < (coalesce($3::timestamptz, 'infinity'), $4::uuid)
order by occurred_at desc, notice desc limit $2
"""
UNREAD = """
select count(*) from my_notices where recipient = $1 and delivered_at is not null and read_at is null
"""


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case NoticeWritten() as written:
            facts = orjson.dumps(written.facts).decode()
            yield (
                "written",
                (
                    UUID(event.subject_id),
                    written.recipient,
                    written.template,
                    facts,
                    written.about,
                    written.occurred_at,
                    written.as_guardian,
                    written.concerns or written.recipient,
                ),
            )
        case NoticeDelivered(notice=notice):
            yield "delivered", (notice, event.recorded_at)
        case NoticeRead(notice=notice, read_at=read_at):
            yield "read", (notice, read_at)
        case NotificationErased(person=person):
            yield "forgotten", (person,)


MY_NOTICES = ReadModel.beside(
    __file__, version=3, events=(NoticeWritten, NoticeDelivered, NoticeRead, NotificationErased), project=project
)


@dataclass(frozen=True, slots=True)
class MyNotice:
    notice: UUID
    template: str
    facts: Mapping[str, Fact]
    about: str
    occurred_at: datetime
    delivered_at: datetime
    read_at: datetime | None
    as_guardian: bool


async def find(pool: Pool, recipient: UUID, notice: UUID) -> MyNotice | None:
    """None when there is no such notice in this inbox."""
    row = await pool.fetchrow(FIND, recipient, notice)
    return my_notice(row) if row else None


async def newest(pool: Pool, recipient: UUID, limit: int, after: MyNotice | None = None) -> list[MyNotice]:
    """At most `limit` notices, newest first; those older than `after` when one is named."""
    place = (after.occurred_at, after.notice) if after else (None, None)
    rows = await pool.fetch(NEWEST, recipient, limit, *place)
    return [my_notice(row) for row in rows]


async def unread(pool: Pool, recipient: UUID) -> int:
    """How many notices are not read."""
    count: int = await pool.fetchval(UNREAD, recipient)
    return count


def my_notice(row: asyncpg.Record) -> MyNotice:
    return MyNotice(**{**row, "facts": orjson.loads(row["facts"])})
