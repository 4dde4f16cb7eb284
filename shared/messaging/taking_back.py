"""Takes back what a feed's provider no longer has in its history: one transaction, after which nothing is half done.

The events go from the inbox to `phantoms`. The read models that took the feed in hold what they left, so these are
built anew; until they are, no foreign feed moves that one of them takes in: an event applied to rows that should not be
there could fail for them, and wait parked for no reason of its own. What the department decides itself goes on, and the
new build drains it.
"""

from collections.abc import Iterable, Sequence

import orjson
import structlog

from shared.contracts.epochs import Epochs
from shared.eventstore.database import Connection, Pool
from shared.messaging.divergence import alike
from shared.messaging.handling import Handling
from shared.messaging.intake import ACQUIRE_WITHIN, CheckpointMoved, Standing

log = structlog.get_logger(__name__)

MOVE = """
update checkpoints set epoch = $4, sequence = $5, parkings = parkings + 1
where feed = $1 and sequence = $2 and parkings = $3
"""
ADOPT = """
insert into feed_epochs (feed, number, epoch)
select $1, number, epoch from unnest($2::int[], $3::json[]) as u (number, epoch)
"""
TAKE_BACK = "select take_back($1, $2)"
# What is being built has read phantoms, if it came so far; of another release's read models only that build knows.
DUE = """
insert into rebuilds_due (name, build)
select name, build from unnest($1::text[]) as n (name) left join read_model_builds using (name)
on conflict (name) do update set since = clock_timestamp(), build = excluded.build
"""
GIVE_UP_BUILDS = """
delete from read_model_builds
where build in (select build from read_model_cursors where source = $1 and reached > $2) and not name = any($3::text[])
"""
LOOK_ANEW = "update checkpoints set parkings = parkings + 1 where feed = any($1::text[])"


async def adopt(pool: Pool, feed: str, standing: Standing, told: Epochs) -> None:
    """All that is held is in the provider's history. Raises CheckpointMoved."""
    async with pool.acquire(timeout=ACQUIRE_WITHIN) as connection, connection.transaction():
        await _move(connection, feed, standing, told, standing.sequence)
    log.info("epoch adopted", feed=feed, epoch=told.current, checkpoint=standing.sequence)


async def take_back(
    pool: Pool, feed: str, standing: Standing, told: Epochs, last_common: int, handling: Handling
) -> Sequence[str]:
    """Everything beyond the last common event. Returns the names of the read models that have to be built anew.

    Raises CheckpointMoved.
    """
    models = sorted(handling.models_of(feed))
    others = sorted({other for name in models for other in handling.feeds_into(name)} - {feed})
    async with pool.acquire(timeout=ACQUIRE_WITHIN) as connection, connection.transaction():
        await _move(connection, feed, standing, told, last_common)
        phantoms = await connection.fetchval(TAKE_BACK, feed, last_common)
        await connection.execute(DUE, models)
        await connection.execute(GIVE_UP_BUILDS, feed, last_common, models)
        await connection.execute(LOOK_ANEW, others)
    log.error(
        "taken back: events that the provider's history does not have",
        feed=feed,
        epoch=told.current,
        after=last_common,
        events=phantoms,
        rebuilding=models,
    )
    return models


async def build_anew(connection: Connection, feeds: Iterable[str], handling: Handling) -> Sequence[str]:
    """What these feeds go into, because a key has come without which their events had been read. Returns its names."""
    models = sorted({name for feed in feeds for name in handling.models_of(feed)})
    await connection.execute(DUE, models)
    await connection.execute(LOOK_ANEW, sorted({feed for name in models for feed in handling.feeds_into(name)}))
    log.warning("a key that was given up has come: what it opens is read anew", feeds=sorted(feeds), rebuilding=models)
    return models


async def _move(connection: Connection, feed: str, standing: Standing, told: Epochs, sequence: int) -> None:
    moved = await connection.execute(MOVE, feed, standing.sequence, standing.parkings, told.current, sequence)
    if moved == "UPDATE 0":
        raise CheckpointMoved(feed)
    new = told.later[alike(standing.epochs, told) :]
    texts = [orjson.dumps(one.model_dump(mode="json")).decode() for one in new]
    await connection.execute(ADOPT, feed, [one.number for one in new], texts)
