"""The operator's side of `parked`: list, show, retry, drop.

Any process of the department may do it beside the one that takes the feed in: `checkpoints.parkings` is counted up in
the same transaction, so the owner of the feed looks anew before it applies anything more.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import orjson
import structlog

from shared.contracts import envelope
from shared.contracts.errors import ConcurrencyConflict
from shared.contracts.event import Json
from shared.contracts.registry import Registry
from shared.eventstore.database import Connection, Pool
from shared.eventstore.transient import described
from shared.messaging.batch_size import BatchSize
from shared.messaging.handling import Handling
from shared.messaging.intake import ACQUIRE_WITHIN, is_conflict, is_poison
from shared.messaging.parked_list import Parked as Parked
from shared.messaging.parked_list import one as one
from shared.messaging.parked_list import page as page

log = structlog.get_logger(__name__)

BODY = "select event from inbox where feed = $1 and sequence = $2"
COUNT = "select feed, count(*) as events from parked where dropped_at is null group by feed"
STREAMS = """
select distinct feed, stream from parked
where dropped_at is null and ($1::text is null or feed = $1) and ($2::text is null or stream = $2)
order by feed, stream
"""
LEFT = """
select count(*) from parked
where dropped_at is null and ($1::text is null or feed = $1) and ($2::text is null or stream = $2)
"""
HOLD = "update checkpoints set parkings = parkings + 1 where feed = $1"
WAITING = """
select sequence, event from parked join inbox using (feed, sequence)
where feed = $1 and parked.stream = $2 and dropped_at is null order by sequence limit $3
"""
APPLIED = "delete from parked where feed = $1 and sequence = $2"
FAILED = """
update parked set error = $3, attempts = attempts + 1, tried_at = clock_timestamp() where feed = $1 and sequence = $2
"""
DROP = """
update parked set dropped_at = clock_timestamp(), dropped_by = $3, reason = $4
where feed = $1 and sequence = $2 and dropped_at is null
"""

AT_ONCE = 64  # events a transaction
SHOWN = {"specversion", "datacontenttype", *envelope.CloudEvent.model_fields}  # attributes an envelope has
TRIES = 20  # of a transaction that met another writer


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry came to, in events."""

    applied: int
    still_parked: int


async def count(pool: Pool) -> dict[str, int]:
    """Events that wait, by feed; feeds without any are missing."""
    return {row["feed"]: row["events"] for row in await pool.fetch(COUNT)}


async def shown(pool: Pool, registry: Registry, feed: str, sequence: int) -> Json:
    """The envelope, for an operator: they see what it is, and no citizen's data."""
    came: Json = orjson.loads(await pool.fetchval(BODY, feed, sequence))
    attributes = {name: value if name in SHOWN else "…" for name, value in came.items()}
    event = registry.class_of(str(attributes.get("type")))
    data = attributes.get("data")
    if not isinstance(data, dict):
        return attributes | {"data": "…"}
    # of a type we do not know any field may be personal
    personal = event.personal_fields() if event else data.keys()
    unknown = data.keys() - event.model_fields.keys() if event else set()
    return attributes | {"data": {name: "…" if name in personal | unknown else data[name] for name in data}}


async def retry(pool: Pool, handling: Handling, feed: str | None = None, stream: str | None = None) -> Retried:
    """Apply what waits, each stream in its order, until it is done or fails again. Raises what is transient."""
    total: Counter[str] = Counter()
    for row in await pool.fetch(STREAMS, feed, stream):
        while True:
            applied, is_done = await _retry_some(pool, handling, row["feed"], row["stream"])
            total["applied"] += applied
            if is_done:
                break
    left = await pool.fetchval(LEFT, feed, stream)
    log.info("parked events retried", applied=total["applied"], still_parked=left)
    return Retried(total["applied"], left)


async def _retry_some(pool: Pool, handling: Handling, feed: str, stream: str) -> tuple[int, bool]:
    """Where others write what we write: fewer at once, down to one."""
    size = BatchSize(AT_ONCE)
    for attempt in range(TRIES):
        try:
            async with pool.acquire(timeout=ACQUIRE_WITHIN) as connection, connection.transaction():
                await connection.execute(HOLD, feed)
                waiting = await connection.fetch(WAITING, feed, stream, size.now)
                applied = await _apply(connection, handling, feed, waiting)
                return applied, applied < size.now
        except Exception as error:
            if not is_conflict(error):
                raise
            size.shrink()
            await asyncio.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 4)))  # noqa: S311 - jitter
    raise ConcurrencyConflict(f"{feed}: others were first, {TRIES} times")


async def _apply(connection: Connection, handling: Handling, feed: str, waiting: Sequence[asyncpg.Record]) -> int:
    for number, row in enumerate(waiting):
        try:
            async with connection.transaction():  # a savepoint
                await handling.handle(connection, [envelope.parse(row["event"].encode())])
        except Exception as error:
            if not is_poison(error):
                raise
            await connection.execute(FAILED, feed, row["sequence"], described(error))
            return number
        await connection.execute(APPLIED, feed, row["sequence"])
    return len(waiting)


async def drop(pool: Pool, feed: str, sequence: int, by: str, reason: str) -> bool:
    """Decide that an event is never applied here. False: it is not parked. What waits behind it stays parked until it
    is retried; a stream without anything parked flows on."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(HOLD, feed)
        dropped: str = await connection.execute(DROP, feed, sequence, by, reason)
    if dropped == "UPDATE 0":
        return False
    log.warning("parked event dropped", feed=feed, sequence=sequence, by=by)
    return True
