"""Drafts: what a person has begun and not handed in. No events: nobody else may rest anything on them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Json
from shared.eventstore.database import Pool

MOST = 50  # drafts a person may keep
SAVE = """
insert into drafts (id, owner, kind, body, saved_at)
select $1, $2, $3, $4, $5
where exists (select 1 from drafts where id = $1) or (select count(*) from drafts where owner = $2) < $6
on conflict (id) do update set body = excluded.body, saved_at = excluded.saved_at
where drafts.owner = excluded.owner and drafts.kind = excluded.kind
returning id
"""
ONE = "select id, kind, body, saved_at from drafts where id = $1 and owner = $2"
OF = "select id, kind, body, saved_at from drafts where owner = $1 order by saved_at desc, id desc"
DELETE = "delete from drafts where id = $1 and owner = $2 returning id"


@dataclass(frozen=True, slots=True)
class Draft:
    id: UUID
    kind: str  # what it is a draft of, 'application residence'
    body: Json
    saved_at: datetime


async def save(pool: Pool, owner: UUID, draft: Draft) -> bool:
    """Begin it, or go on with it. False: it is somebody else's, of another kind, or one more than `MOST`."""
    body = orjson.dumps(draft.body).decode()
    saved = await pool.fetchval(SAVE, draft.id, owner, draft.kind, body, draft.saved_at, MOST)
    return saved is not None


async def keep(pool: Pool, owner: UUID, draft: Draft) -> None:
    """As `save`. Raises Refused "too_many_drafts", and NotFound when it is somebody else's or of another kind."""
    if await save(pool, owner, draft):
        return
    if len(await of(pool, owner)) >= MOST:
        raise Refused(
            "too_many_drafts",
            f"草稿最多保留{MOST}份，请先删除不用的草稿。",
            f"One may keep {MOST} drafts; please delete one you do not need.",
        )
    raise no_such_draft()


async def find(pool: Pool, owner: UUID, id: UUID) -> Draft | None:
    """None: he has no such draft."""
    row = await pool.fetchrow(ONE, id, owner)
    return _draft(row) if row else None


async def of(pool: Pool, owner: UUID) -> list[Draft]:
    """The latest first."""
    return [_draft(row) for row in await pool.fetch(OF, owner)]


async def delete(pool: Pool, owner: UUID, id: UUID) -> bool:
    """False: he has no such draft."""
    return await pool.fetchval(DELETE, id, owner) is not None


def _draft(row: asyncpg.Record) -> Draft:
    return Draft(row["id"], row["kind"], orjson.loads(row["body"]), row["saved_at"])


def no_such_draft() -> NotFound:
    """Also for one that is another citizen's, or a draft of something else."""
    return NotFound(
        "no_such_draft",
        "没有找到该草稿，请从“我的草稿”中打开。",
        "There is no such draft; please open it from your list.",
    )
