"""Applies a run of one feed's events: one transaction, and one poisoned stream never stops another.

    checkpoint + inbox + read models + reactions' events (+ parked), then commit

The checkpoint moves first, by compare-and-set: of two owners one stops before it has done anything. An event that can
never be handled is parked with its error, and every later event of its stream behind it; all other streams flow on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
import orjson
import structlog

from shared.contracts.envelope import Received
from shared.contracts.epochs import THE_FIRST, Epoch, Epochs
from shared.contracts.errors import TongbanError
from shared.contracts.sealing import KeyNotHere
from shared.eventstore import append
from shared.eventstore.database import Connection, Pool
from shared.eventstore.transient import described, is_transient
from shared.messaging.handling import Handling
from shared.messaging.reacting import Contended

log = structlog.get_logger(__name__)

LAY_CHECKPOINT = "insert into checkpoints (feed) values ($1) on conflict do nothing"
READ_CHECKPOINT = """
select sequence, parkings, epoch,
  (select id from inbox where inbox.feed = c.feed and inbox.sequence = c.sequence) as id,
  array(select distinct stream from parked where parked.feed = c.feed and dropped_at is null) as parked,
  array(select epoch::text from feed_epochs where feed_epochs.feed = c.feed order by nth) as epochs,
  exists (select from rebuilds_due where name = any($2::text[])) as is_held,
  exists (select from phantoms where phantoms.feed = c.feed and again_at is null) as has_phantoms
from checkpoints c where feed = $1
"""
TAKE_IN = """
with moved as (
  update checkpoints set sequence = $3 where feed = $1 and sequence = $2 and parkings = $4 returning feed
), new as (
  select * from unnest($5::bigint[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::int[])
    as new (sequence, id, stream, type, event, epoch)
){again}
insert into inbox (feed, sequence, id, stream, type, event, epoch)
select moved.feed, new.sequence, new.id, new.stream, new.type, new.event::json, new.epoch from moved cross join new
"""
# A phantom that comes again under another number is history. Asked only where the feed has phantoms.
AGAIN = """, again as (
  update phantoms set again_sequence = new.sequence, again_at = clock_timestamp()
  from new cross join moved
  where phantoms.feed = moved.feed and phantoms.id = new.id and phantoms.again_at is null
)"""
PARK = """
insert into parked (feed, sequence, stream, error, attempts, tried_at)
values ($1, $2, $3, $4::text, ($4::text is not null)::int, case when $4::text is not null then clock_timestamp() end)
"""


FEW = 16  # events gone through one by one in a transaction, to find the poisoned one
ACQUIRE_WITHIN = 30.0  # seconds for a connection
CONTENTION = (
    Contended,
    asyncpg.TransactionRollbackError,  # deadlock, serialisation
    asyncpg.LockNotAvailableError,
)


class CheckpointMoved(TongbanError):
    """Another owner applied this feed, or an operator took something out of `parked`; look anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a feed is applied, and which of its streams wait parked; `parkings` tells whether that still holds."""

    sequence: int
    parkings: int
    parked: frozenset[str]
    id: UUID | None = None  # of the event at the checkpoint
    epochs: Epochs = THE_FIRST  # of its provider, as they were adopted
    is_held: bool = False  # read models that take it in have to be built anew first
    has_phantoms: bool = False  # of which some have not come again


@dataclass(frozen=True, slots=True)
class Applied:
    standing: Standing
    decided: int  # events of our own it led to
    newly_parked: int


async def look(pool: Pool, feed: str, models: Sequence[str] = ()) -> Standing:
    """`models`: those that take this feed in, by name."""
    await pool.execute(LAY_CHECKPOINT, feed)
    row = await pool.fetchrow(READ_CHECKPOINT, feed, models)
    assert row is not None
    return Standing(
        sequence=row["sequence"],
        parkings=row["parkings"],
        parked=frozenset(row["parked"]),
        id=row["id"],
        epochs=_adopted(row["epochs"]).of_feed(feed),
        is_held=row["is_held"],
        has_phantoms=row["has_phantoms"],
    )


def _adopted(told: Sequence[str]) -> Epochs:
    """In the order of adoption: a number that comes again takes the place of itself and of all later ones."""
    later: tuple[Epoch, ...] = ()
    for one in (Epoch.model_validate(orjson.loads(text)) for text in told):
        later = (*(before for before in later if before.number < one.number), one)
    return Epochs(later)


class Intake:
    """Of one feed."""

    def __init__(self, feed: str, pool: Pool, handling: Handling) -> None:
        self.feed = feed
        self._pool = pool
        self._handling = handling

    async def apply(self, standing: Standing, received: Sequence[Received]) -> Applied:
        """The messages follow the checkpoint without a gap.

        Raises CheckpointMoved or another conflict (look anew), or what is transient.
        """
        try:
            async with self._pool.acquire(timeout=ACQUIRE_WITHIN) as connection, connection.transaction():
                return await self._together(connection, standing, received)
        except Exception as error:
            if not is_poison(error):
                raise
        if len(received) > FEW:  # in halves: only those about the poisoned event are slow
            half = len(received) // 2
            first = await self.apply(standing, received[:half])
            second = await self.apply(first.standing, received[half:])
            return Applied(second.standing, first.decided + second.decided, first.newly_parked + second.newly_parked)
        async with self._pool.acquire(timeout=ACQUIRE_WITHIN) as connection, connection.transaction():
            return await self._one_by_one(connection, standing, received)

    async def pause(self, seconds: float, met: Exception) -> None:
        """Before it is tried again; no longer than until keys have come, if it is they that were missed."""
        sealing = self._handling.registry.sealing
        if sealing is not None and isinstance(met, KeyNotHere):
            await sealing.more(seconds)
        else:
            await asyncio.sleep(seconds)

    async def _together(self, connection: Connection, standing: Standing, received: Sequence[Received]) -> Applied:
        await self._take_in(connection, standing, received)
        parked = standing.parked
        decided = await self._handling.handle(connection, [m for m in received if m.stream not in parked])
        if behind := [m for m in received if m.stream in parked]:
            await connection.executemany(PARK, [(self.feed, m.sequence, m.stream, None) for m in behind])
        return Applied(self._moved(standing, received, parked), decided, 0)

    async def _one_by_one(self, connection: Connection, standing: Standing, received: Sequence[Received]) -> Applied:
        """Slower, and finds out who it was."""
        await self._take_in(connection, standing, received)
        parked = set(standing.parked)
        decided = newly_parked = 0
        for message in received:
            error = None
            if message.stream not in parked:
                try:
                    async with connection.transaction():  # a savepoint
                        decided += await self._handling.handle(connection, [message])
                    continue
                except Exception as met:
                    if not is_poison(met):
                        raise
                    error = described(met)
            newly_parked += message.stream not in parked
            parked.add(message.stream)
            await self._park(connection, message, error)
        return Applied(self._moved(standing, received, frozenset(parked)), decided, newly_parked)

    async def _take_in(self, connection: Connection, standing: Standing, received: Sequence[Received]) -> None:
        taken = await connection.execute(
            TAKE_IN.format(again=AGAIN if standing.has_phantoms else ""),
            self.feed,
            standing.sequence,
            received[-1].sequence,
            standing.parkings,
            [message.sequence for message in received],
            [message.id for message in received],
            [message.stream for message in received],
            [message.type for message in received],
            [message.body.decode() for message in received],
            [message.epoch for message in received],
        )
        if taken == "INSERT 0 0":
            raise CheckpointMoved(self.feed)

    async def _park(self, connection: Connection, message: Received, error: str | None) -> None:
        await connection.execute(PARK, self.feed, message.sequence, message.stream, error)
        if error is not None:
            log.error("event parked", feed=self.feed, sequence=message.sequence, stream=message.stream, error=error)

    @staticmethod
    def _moved(standing: Standing, received: Sequence[Received], parked: frozenset[str]) -> Standing:
        return replace(standing, sequence=received[-1].sequence, id=received[-1].id, parked=parked)


def is_contention(error: BaseException) -> bool:
    """Others write what we write: fewer events at once will go."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return error.constraint_name == append.EVENTS_KEY  # a request wrote the stream that a reaction writes
    return isinstance(error, CONTENTION)


def is_conflict(error: BaseException) -> bool:
    """Another writer or owner was first; with a new look it may go."""
    return is_contention(error) or isinstance(error, CheckpointMoved)


def is_poison(error: Exception) -> bool:
    """It will fail for ever."""
    return not is_conflict(error) and not is_transient(error)
