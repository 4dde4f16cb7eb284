"""Filling a build beside what serves: page by page, resumable, at a pace.

One transaction a page: rows, cursor, and what was skipped because it is parked. The lock that makes us the only builder
of this read model lives on the connection that does the work: who has lost it cannot write any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import structlog

from shared.contracts.errors import Unavailable
from shared.contracts.registry import Registry
from shared.contracts.sealing import KeyNotHere
from shared.eventstore import layers, read_model
from shared.eventstore.database import Connection
from shared.eventstore.layers import tables_schema
from shared.eventstore.pace import UNHINDERED, Pace
from shared.eventstore.read_model import ReadModel
from shared.eventstore.sources import Page, Source, Unreadable, sources_of

log = structlog.get_logger(__name__)

BUILD_LOCK = 7_300_003
TRY_LOCK = "select pg_try_advisory_lock($1, hashtext($2))"
UNLOCK = "select pg_advisory_unlock($1, hashtext($2))"

STANDING = "select build, version, fingerprint from read_model_builds where name = $1"
BEGIN = "insert into read_model_builds (name, version, fingerprint) values ($1, $2, $3) returning build"
FORGET = "delete from read_model_builds where name = $1"
REACHED = "select source, reached from read_model_cursors where build = $1"
MOVE = """
insert into read_model_cursors (build, source, reached) values ($1, $2, $3)
on conflict (build, source) do update set reached = excluded.reached
"""
SKIP = """
insert into read_model_skipped (build, feed, sequence) select $1, $2, sequence from unnest($3::bigint[]) as s (sequence)
"""
# Nobody wanted it when it came, so it is not parked yet. Who takes the feed in looks anew.
PARK = """
with parked_now as (
  insert into parked (feed, sequence, stream, error, attempts, tried_at)
  select $1, sequence, stream, error, 1, clock_timestamp()
  from unnest($2::bigint[], $3::text[], $4::text[]) as u (sequence, stream, error)
  on conflict do nothing
)
update checkpoints set parkings = parkings + 1 where feed = $1
"""
MADE_UP = "delete from read_model_skipped where build = $1 and feed = $2 and sequence = any($3::bigint[])"

LITTLE = 500  # events; drained while writers wait, some hundredths of a second
KEYS_AGAIN = 1.0  # seconds between looks for a key that was missed
MOST_AT_ONCE = 200_000  # numbers of a source a page may run over when few of its events are wanted


class AlreadyBuilding(Unavailable):
    """Somebody else builds this read model now."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of all sources together, in events; unwanted ones, which cost little, are counted too."""

    done: int
    total: int

    @property
    def left(self) -> int:
        return max(0, self.total - self.done)


Told = Callable[[Progress], None]
Begun = Callable[["Build"], None]


def tell_nobody(_: object) -> None:
    """For who does not watch."""


@dataclass
class Build:
    """A build under way. Its number is in its tables' schema."""

    model: ReadModel
    registry: Registry
    number: int
    reached: dict[str, int]  # by source; a missing one has not begun
    is_resumed: bool
    _into: ReadModel = field(init=False)
    _sources: list[Source] = field(init=False)
    _is_waiting: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._into = self.model.into(self.tables)
        self._sources = sources_of(self.model, self.registry)

    @property
    def tables(self) -> str:
        """The schema of its tables."""
        return tables_schema(self.model.schema, self.number)

    async def progress(self, connection: Connection) -> Progress:
        heads = {source.name: await source.head(connection) for source in self._sources}
        done = sum(min(self.reached.get(name, 0), head) for name, head in heads.items())
        return Progress(done, sum(heads.values()))

    async def fill(self, connection: Connection, pace: Pace, told: Told = tell_nobody) -> None:
        """Up to the end of every source as it stands now: whoever writes faster than we build cannot keep us here."""
        for source in self._sources:
            span = pace.at_once
            head = await source.head(connection)
            while (after := self.reached.get(source.name, 0)) < head:
                begin = perf_counter()
                last = min(head, after + span)
                try:
                    async with connection.transaction():
                        # a page lost in a crash is lost with its cursor; the swap's commit is synced, and all before it
                        await connection.execute("set local synchronous_commit = off")
                        page = await source.page(connection, self.number, after, last)
                        last = min(last, page.last or last)
                        await self._take(connection, source, page, last)
                except KeyNotHere as error:
                    await self._wait_for_keys(source, error)
                    continue
                self._is_waiting = False
                self.reached[source.name] = last
                told(await self.progress(connection))
                await pace.rest(len(page.events), perf_counter() - begin)
                span = _next_span(span, len(page.events), pace.at_once)

    async def _wait_for_keys(self, source: Source, met: KeyNotHere) -> None:
        """As the feed does; `missing_keys` tells what an operator can do about a key that never comes."""
        if not self._is_waiting:
            log.warning("a build waits", name=self.model.name, feed=source.name, why=str(met))
        self._is_waiting = True
        if self.registry.sealing is not None:
            await self.registry.sealing.more(KEYS_AGAIN)

    async def catch_up(self, connection: Connection, told: Told = tell_nobody) -> None:
        """Leave little for `drain`, if that is to be had: others may write faster than we build."""
        left = (await self.progress(connection)).left
        while left > LITTLE:
            await self.fill(connection, UNHINDERED, told)
            before, left = left, (await self.progress(connection)).left
            if left > before / 2:
                return

    async def drain(self, connection: Connection) -> int:
        """What is left of every source, within the caller's transaction, while he keeps out those who write.

        Returns how many events there were. The build cannot be gone on with afterwards.
        """
        count = 0
        for source in self._sources:
            page = await source.rest(connection, self.number, self.reached.get(source.name, 0))
            await read_model.group([self._into], page.events).run(connection)
            count += len(page.events)
        await connection.execute(FORGET, self.model.name)
        return count

    async def _take(self, connection: Connection, source: Source, page: Page, last: int) -> None:
        await read_model.group([self._into], page.events).run(connection)
        if page.unreadable:
            await self._park(connection, source, page.unreadable)
        if page.skipped:
            await connection.execute(SKIP, self.number, source.name, page.skipped)
        if page.made_up:
            await connection.execute(MADE_UP, self.number, source.name, page.made_up)
        await connection.execute(MOVE, self.number, source.name, last)

    async def _park(self, connection: Connection, source: Source, unreadable: Sequence[Unreadable]) -> None:
        sequences = [one.sequence for one in unreadable]
        streams, errors = [one.stream for one in unreadable], [one.error for one in unreadable]
        log.error(
            "events parked that a build cannot read", feed=source.name, sequences=sequences[:20], errors=errors[:20]
        )
        await connection.execute(PARK, source.name, sequences, streams, errors)


def _next_span(span: int, wanted: int, at_once: int) -> int:
    """A page holds about as many wanted events as may be at once, however rare they are."""
    if wanted < at_once // 2:
        return min(2 * span, MOST_AT_ONCE)
    return max(1, min(span, span * at_once // wanted))


async def lock(connection: Connection, name: str) -> None:
    """Be the only builder of a read model as long as this connection lives, or until `unlock`.

    Raises AlreadyBuilding.
    """
    if not await connection.fetchval(TRY_LOCK, BUILD_LOCK, name):
        raise AlreadyBuilding(f"another process builds {name} right now")


async def unlock(connection: Connection, name: str) -> None:
    await connection.execute(UNLOCK, BUILD_LOCK, name)


async def open_build(connection: Connection, model: ReadModel, registry: Registry, *, fresh: bool = False) -> Build:
    """The build of this read model that was left half done, else a new one. Needs its lock.

    One that other code began is given up: nobody knows what its rows mean.
    """
    row = await connection.fetchrow(STANDING, model.name)
    if row and not fresh and (row["version"], row["fingerprint"]) == (model.version, model.fingerprint):
        reached = {cursor["source"]: cursor["reached"] for cursor in await connection.fetch(REACHED, row["build"])}
        return Build(model, registry, row["build"], reached, is_resumed=True)
    await give_up(connection, model)
    async with connection.transaction():
        number = await connection.fetchval(BEGIN, model.name, model.version, model.fingerprint)
        await layers.make_tables(connection, model, number)
    return Build(model, registry, number, {}, is_resumed=False)


async def give_up(connection: Connection, model: ReadModel) -> None:
    """Throw away a build that is under way, and whatever else is left of earlier ones. Needs its lock."""
    await connection.execute(FORGET, model.name)
    await layers.sweep(connection, [model.name])
