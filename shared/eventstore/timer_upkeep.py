"""Keeping timers what the events say: made again from them, and reckoned again when calendars come out.

Both change rows that commands change too, so both go page by page, each page a short transaction that keeps writers of
timers out: what a writer stored before us we see, what he stores after us comes on top.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from shared.contracts.registry import Registry
from shared.eventstore import layers
from shared.eventstore.database import Connection, Pool
from shared.eventstore.folding import learned, recorded
from shared.eventstore.swap import patiently
from shared.eventstore.timer import TimerRule
from shared.eventstore.timers import CLOCK, SET, project, reckon
from shared.standards.working_days import PUBLISHED, Calendar

log = structlog.get_logger(__name__)

STREAMS_AT_ONCE = 200
TIMERS_AT_ONCE = 500

KEEP_OUT_WRITERS = "lock table timers in share row exclusive mode"

# Rebuild
STREAMS = "select distinct stream from events where type = any($1) and stream > $2 order by stream limit $3"
EVENTS_OF = """
select stream, version, id, type, schema, data, metadata, recorded_at
from events where stream = any($1) and type = any($2) order by stream, version
"""
DELETE_OTHERS = """
delete from timers t where stream = any($1) and not exists (
  select from unnest($2::text[], $3::text[], $4::text[]) as kept (stream, rule, name)
  where (kept.stream, kept.rule, kept.name) = (t.stream, t.rule, t.name)
)
"""
DELETE_ORPHANS = """
delete from timers t
where not exists (select from events e where e.stream = t.stream and e.type = any($1))
"""
STANDING = "select name, version from timer_rules"
FORGET_STANDING = "delete from timer_rules"
NOTE_STANDING = "insert into timer_rules (name, version) select * from unnest($1::text[], $2::int[])"

# Reckoning
WITH_CLOCK = """
select stream, rule, name, clock, due_at from timers
where fired_at is null and clock is not null and (stream, rule, name) > ($1, $2, $3)
order by stream, rule, name limit $4
"""
MOVE = """
update timers t set due_at = new.due_at, try_at = new.due_at, attempts = 0, error = null
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     as new (stream, rule, name, clock, due_at)
where (t.stream, t.rule, t.name, t.clock) = (new.stream, new.rule, new.name, new.clock::jsonb) and t.fired_at is null
"""


async def stand(pool: Pool, rules: Sequence[TimerRule], registry: Registry) -> None:
    """Returns when all own events have been gone through by these rules."""
    standing = {row["name"]: row["version"] for row in await pool.fetch(STANDING)}
    if standing != {rule.name: rule.version for rule in rules}:
        streams = await rebuild_timers(pool, rules, registry)
        log.info("timers made from events", rules=len(rules), streams=streams)


async def rebuild_timers(
    pool: Pool, rules: Sequence[TimerRule], registry: Registry, calendar: Calendar = PUBLISHED
) -> int:
    """Make the timers again from all own events, while the department goes on. Returns of how many streams.

    Also from none at all: then fired ones are open again, and fire without effect. Stopped half-way it is begun anew.
    """
    types = [registry.type_of(event) for event in {event for rule in rules for event in rule.events}]
    count, after = 0, ""
    while rows := await pool.fetch(STREAMS, types, after, STREAMS_AT_ONCE):
        streams = [row["stream"] for row in rows]
        remake = partial(_remake, streams=streams, types=types, rules=rules, registry=registry, calendar=calendar)
        await _alone(pool, remake)
        count, after = count + len(streams), streams[-1]
    await _alone(pool, partial(_finish, types=types, rules=rules))
    return count


async def _remake(
    connection: Connection,
    streams: Sequence[str],
    types: Sequence[str],
    rules: Sequence[TimerRule],
    registry: Registry,
    calendar: Calendar,
) -> None:
    timers: dict[tuple[object, ...], tuple[object, ...]] = {}
    rows = await connection.fetch(EVENTS_OF, streams, types)
    await learned(rows, registry)
    for row in rows:
        for kind, arguments in project(rules, recorded(row, registry), calendar):
            timers.pop(arguments[:3], None)
            if kind == "set":
                timers[arguments[:3]] = arguments
    keys = list(timers)
    await connection.execute(DELETE_OTHERS, streams, *([key[part] for key in keys] for part in range(3)))
    await connection.executemany(SET, list(timers.values()))


async def _finish(connection: Connection, types: Sequence[str], rules: Sequence[TimerRule]) -> None:
    await connection.execute(DELETE_ORPHANS, types)
    await connection.execute(FORGET_STANDING)
    await connection.execute(NOTE_STANDING, [rule.name for rule in rules], [rule.version for rule in rules])


async def reckon_again(pool: Pool, calendar: Calendar = PUBLISHED) -> int:
    """Ask the calendar again about every open legal clock: what was pending may be known, and a notice may have been
    changed. Returns how many timers moved."""
    moved = 0
    after = ("", "", "")
    while rows := await pool.fetch(WITH_CLOCK, *after, TIMERS_AT_ONCE):
        new: list[tuple[str, str, str, str, datetime | None]] = []
        for row in rows:
            due = reckon(CLOCK.validate_json(row["clock"]), calendar)
            if due != row["due_at"] and (due is None or isinstance(due, datetime)):
                new.append((row["stream"], row["rule"], row["name"], row["clock"], due))
        if new:
            await _alone(pool, partial(_move, columns=[list(column) for column in zip(*new, strict=True)]))
        moved += len(new)
        after = (rows[-1]["stream"], rows[-1]["rule"], rows[-1]["name"])
    if moved:
        log.info("timers reckoned again", timers=moved)
    return moved


async def _move(connection: Connection, columns: Sequence[Sequence[object]]) -> None:
    await connection.execute(MOVE, *columns)


async def _alone(pool: Pool, work: Callable[[Connection], Awaitable[None]]) -> None:
    async def attempt() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await layers.bound_waiting(connection)
            await connection.execute(KEEP_OUT_WRITERS)
            await work(connection)

    await patiently(attempt, "upkeep of timers")
