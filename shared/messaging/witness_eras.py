"""Eras of witnessing: how it goes on once an operator has looked into an alarm about a neighbour.

A neighbour whose database was restored from a backup and does not say so, or whose ledger key is another, cannot be
told from one that rewrote its history: only a person can look into that. So an operator at the witness begins a new
era, and says why. One that tells a later epoch of its history, signed with the same key, begins it by itself.
In it the witness pins the key anew and begins with the neighbour's first event. Key, heads, leaves and alarms of the
eras before stay for ever, as evidence; only the alarms of the present era stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from shared.contracts.errors import Refused
from shared.eventstore.database import Pool
from shared.messaging.answers import said
from shared.messaging.witness_store import PIN, Alarm, WitnessStore

log = structlog.get_logger(__name__)

PRESENT = "select coalesce(max(era), 1) from witness_eras where department = $1"
BEGUN = "select era, begun_by, reason, begun_at from witness_eras where department = $1 order by era"
# names the era that was looked at: of two operators at once the second meets witness_eras_pkey
BEGIN = """
insert into witness_eras (department, era, begun_by, reason)
select $1::text, $2::int + 1, $3::text, $4::text
where $5 or exists (select from witness_alarms where department = $1 and era = $2)
returning era
"""
SINCE = "select witnessed_at from witnessed where department = $1 and era = $2 order by after limit 1"


@dataclass(frozen=True, slots=True)
class Begun:
    """An era that was begun by somebody: any but the first. `begun_by` is for operators only."""

    era: int
    begun_by: str
    reason: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a neighbour in its present era. `size`: events witnessed; `since`: when the first was."""

    department: str
    era: int
    size: int
    since: datetime | None
    alarms: list[Alarm]
    begun: list[Begun]


async def present(pool: Pool, department: str) -> WitnessStore:
    """What is held of a neighbour in its present era."""
    return WitnessStore(pool, department, await pool.fetchval(PRESENT, department))


async def begun(pool: Pool, department: str) -> list[Begun]:
    """The eras that were begun by somebody, in their order."""
    return [Begun(**row) for row in await pool.fetch(BEGUN, department)]


async def held(pool: Pool, departments: Iterable[str]) -> list[Held]:
    """Of each of these neighbours, in that order; also where nothing is held yet."""
    return [await _held(pool, department) for department in departments]


async def renew(pool: Pool, department: str, by: str, reason: str, *, even_without_alarm: bool = False) -> int:
    """Begin a new era. Returns its number; the next head is witnessed in it.

    Refused: no alarm stands, so nothing needs settling, unless `even_without_alarm`; or another was first.
    """
    before = await pool.fetchval(PRESENT, department)
    try:
        era: int | None = await pool.fetchval(BEGIN, department, before, by, reason, even_without_alarm)
    except asyncpg.UniqueViolationError:
        raise Refused(
            "era_begun_meanwhile",
            "刚才已有人开始了新的见证期，请刷新后再看。",
            "Somebody else has just begun a new era; please look again.",
        ) from None
    if era is None:
        raise Refused(
            "nothing_to_settle",
            "对该部门没有未了结的告警，无需开始新的见证期。",
            "No alarm stands about this department, so no new era is needed.",
        )
    log.warning("witness era begun", department=department, era=era, by=by)
    return era


async def follow_epoch(pool: Pool, held: WitnessStore, epoch: int, key: str, why: str) -> WitnessStore:
    """Begin an era because the neighbour says that its history goes on in a later epoch; the key stays.

    asyncpg.UniqueViolationError: another was first.
    """
    told = said(why).strip() or "no reason was told"
    async with pool.acquire() as connection, connection.transaction():
        era: int = await connection.fetchval(
            BEGIN, held.department, held.era, f"epoch {epoch}", f"epoch {epoch}: {told}", True
        )
        store = WitnessStore(pool, held.department, era)
        await connection.execute(PIN, held.department, era, key)
    log.warning(
        "witness era begun: the neighbour's history goes on in a later epoch", department=held.department, era=era
    )
    return store


async def _held(pool: Pool, department: str) -> Held:
    store = await present(pool, department)
    return Held(
        department=department,
        era=store.era,
        size=(await store.seen()).size,
        since=await pool.fetchval(SINCE, department, store.era),
        alarms=await store.alarms(),
        begun=await begun(pool, department),
    )
