"""Begins an epoch, and stores again what others still have: a page a transaction.

An event that was recovered keeps its id and goes through the ordinary insert, so own read models and timers take it in.
What cannot be stored again is named in `lost_events`, and in `lost_ranges` where there is too much of it. Asked again
with the same answers, it does nothing. Only what is proven to be ours counts: what a neighbour only says begins no
epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson
import structlog

from shared.continuity import limits, own_log
from shared.continuity.bridged import bridged_types, lost_before
from shared.continuity.claims import Claim, Queue, fits, stored_again
from shared.continuity.told import Leaves, Told
from shared.contracts.epochs import FIRST, MOST, Epochs
from shared.contracts.errors import Broken
from shared.contracts.registry import Registry
from shared.eventstore import append, read_model
from shared.eventstore.append import Row
from shared.eventstore.database import Connection, Pool
from shared.eventstore.epochs import own_epochs
from shared.eventstore.read_model import ReadModel
from shared.eventstore.transient import described, is_transient

log = structlog.get_logger(__name__)

BEGIN = "insert into epochs (number, position, feeds, reason) values ($1, $2, $3, $4)"
NTH = "select coalesce(max(nth), 0) from lost_events where epoch = $1"
NAME = """
insert into lost_events (epoch, nth, position, leaf, feed, sequence, id, event, recovered)
values ($1, $2, $3, $4, $5, $6, $7, $8::json, $9)
"""
SET_BACK = "update relay set published = $2 where feed = $1 and published > $2"
# before whatever waits to be numbered: `seq` of others is above 0
BEFORE_ALL = -(2**40)
NEXT_BEFORE = f"select coalesce(max(seq) filter (where seq < 0) + 1, {BEFORE_ALL}) from outbox"  # noqa: S608 - our own
# An event that waits in the copy comes before what its stream went on with; then all goes after what waits.
WAITS = "select exists (select from outbox where stream = any($1::text[]) and seq > 0)"
RANGE = "insert into lost_ranges (epoch, first, last, digest) values ($1, $2, $3, $4)"
APPEND_BEFORE = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at, feed)
  values ($1, $2, $3, $4, $5, $6::json, $7::json, $8, $9)
  returning stream, version
)
insert into outbox (seq, stream, version) overriding system value select $10, stream, version from added
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`epoch`: the one that has begun; None: what was told before says all about it."""

    epoch: int | None
    recovered: int
    lost: int


class Recovery:
    """Of one department."""

    def __init__(self, pool: Pool, registry: Registry, models: Sequence[ReadModel]) -> None:
        self._pool = pool
        self._registry = registry
        self._models = models
        self._feeds = [feed.local_name for feed in registry.own_feeds]
        self._bridged = bridged_types(registry)
        self._waiting: list[Claim] = []  # proven ones that did not fit yet: what they follow may be on a later page

    async def take(self, told: Told, *, is_numbering: bool) -> Outcome | None:
        """None: nothing is new. Raises asyncpg errors: then nothing was done. Unless `is_numbering`, what is recovered
        is numbered before whatever waits, as it was."""
        async with self._pool.acquire() as connection, connection.transaction():
            both = {(one.feed, one.sequence, one.id): one for one in (*self._waiting, *told.proven())}
            claims = await own_log.not_logged(connection, list(both.values()))
            known = await own_log.named(connection, {one.id for one in claims})
            claims = [one for one in claims if one.id not in known]
            ledgers = await _unnamed(connection, told.ledgers)
            if not claims and not any(ledgers):
                return None
            epochs = await own_epochs(connection, self._registry.member.jurisdiction)
            begun = await self._begin(connection, epochs, told, claims, ledgers)
            held = await self._recover(connection, claims, is_first=not is_numbering)
            waiting = [] if told.is_whole else [one for one in claims if one.id not in held][: limits.TAKEN_EVENTS]
            later = {one.id for one in waiting}
            settled = [one for one in claims if one.id not in later]
            unheard = [_unheard(claims, leaves) if told.is_whole else [] for leaves in ledgers]
            await self._name(connection, begun or epochs.current, told, settled, held)
            for leaves, positions in zip(ledgers, unheard, strict=True):
                await self._name_leaves(connection, begun or epochs.current, leaves, positions)
        self._waiting = waiting
        lost = len({one.id for one in settled} - held) + sum(map(len, unheard))
        return Outcome(begun, len(held), lost)

    async def _begin(
        self,
        connection: Connection,
        epochs: Epochs,
        told: Told,
        claims: list[Claim],
        ledgers: Sequence[Mapping[int, bytes]],
    ) -> int | None:
        shared: dict[str, int] = {}
        for claim in claims:
            if not _is_told(epochs, claim):
                name = claim.feed.local_name
                shared[name] = min(shared.get(name, claim.sequence - 1), claim.sequence - 1)
        both = zip(told.ledgers, ledgers, strict=True)
        positions = [one.after for one, leaves in both if _is_new(epochs, one.shared, one.after, leaves)]
        if not shared and not positions:
            return None
        size = min([await own_log.size(connection), *positions])
        position = await own_log.position_before(connection, shared, size)
        known = [one.shared for one in told.ledgers]
        last = max([epochs.current, *(one.epoch for one in claims if one.is_trusted), *(FIRST + len(o) for o in known)])
        if last >= MOST:
            raise Broken(f"no epoch can follow {MOST}: this history was lost too often")
        for number in range(epochs.current + 1, last + 1):  # begun before, and lost with the database
            before = [one[number - FIRST - 1] for one in known if len(one) >= number - FIRST]
            await self._insert(connection, number, min([position, *before]), "this epoch was lost with the database")
        events = len({one.id for one in claims}) + sum(len(_unheard(claims, leaves)) for leaves in ledgers)
        many = f"{events}" if told.is_whole else f"at least {events}"
        await self._insert(connection, last + 1, position, f"others knew of {many} events that the database had not")
        return last + 1

    async def _insert(self, connection: Connection, number: int, position: int, reason: str) -> None:
        known = {*self._feeds, *await own_log.feeds(connection)}
        feeds = await own_log.sequences_at(connection, sorted(known), position)
        await connection.execute(BEGIN, number, position, orjson.dumps(feeds).decode(), reason)
        for feed, sequence in feeds.items():
            await connection.execute(SET_BACK, feed, sequence)

    async def _recover(self, connection: Connection, claims: list[Claim], *, is_first: bool) -> set[object]:
        """Ids of those that are held now. They are ours beyond doubt."""
        held: set[object] = set(await own_log.held(connection, {one.id for one in claims}))
        ours = {one.id: one for one in claims if one.id not in held}
        queue = Queue(list(ours.values()), self._bridged)
        streams = {one.stream for one in ours.values()}
        versions = await own_log.versions(connection, streams)
        is_first = is_first and not await connection.fetchval(WAITS, list(streams))
        seq = await connection.fetchval(NEXT_BEFORE) if is_first else None
        while (claim := queue.next(versions)) is not None:
            row = stored_again(claim, self._registry) if fits(claim, versions, self._bridged) else None
            before = lost_before(claim, versions.get(claim.stream, 0), self._registry) if row else []
            if row is not None and await self._store(connection, [*before, row], seq):
                versions[claim.stream] = claim.version
                held.add(claim.id)
            seq = None if seq is None else seq + len(before) + 1
        return held

    async def _store(self, connection: Connection, rows: Sequence[Row], seq: int | None) -> bool:
        """An event, with what stands in the place of lost ones before it. False: it does not fit here, for good."""
        try:
            async with connection.transaction():  # a savepoint
                for nth, row in enumerate(rows):
                    await self._store_one(connection, row, None if seq is None else seq + nth)
        except Exception as error:
            if is_transient(error) and not isinstance(error, asyncpg.UniqueViolationError):
                raise
            log.error("an event could not be recovered", type=rows[-1].event.type, problem=described(error))  # noqa: TRY400
            return False
        return True

    async def _store_one(self, connection: Connection, row: Row, seq: int | None) -> None:
        statements = read_model.statements(self._models, row.event)
        if seq is None:
            await append.insert(connection, [row])
        else:
            event = row.event
            words = (event.stream, event.version, event.id, event.type, row.schema, row.data, row.metadata)
            await connection.execute(APPEND_BEFORE, *words, event.recorded_at, row.feed, seq)
        for _, sql, arguments in statements:
            await connection.execute(sql, *arguments)

    async def _name(
        self, connection: Connection, epoch: int, told: Told, claims: list[Claim], held: set[object]
    ) -> None:
        genuine = told.genuine
        nth = await connection.fetchval(NTH, epoch)
        rows: list[tuple[object, ...]] = []
        for claim in sorted(claims, key=lambda one: (one.feed.full_name, one.sequence)):
            at = genuine.get(claim.leaf) if claim.leaf else None
            what = (claim.feed.local_name, claim.sequence, claim.id, claim.body, claim.id in held)
            rows.append((epoch, nth + len(rows) + 1, at, claim.leaf, *what))
        await connection.executemany(NAME, rows)

    async def _name_leaves(
        self, connection: Connection, epoch: int, leaves: Mapping[int, bytes], positions: list[int]
    ) -> None:
        """Of which nobody has more than the leaf."""
        nth = await connection.fetchval(NTH, epoch)
        each, others = positions[: limits.MOST_NAMED], positions[limits.MOST_NAMED :]
        nothing = (None, None, None, None, False)
        await connection.executemany(
            NAME, [(epoch, nth + n, at, leaves[at], *nothing) for n, at in enumerate(each, start=1)]
        )
        for one in _ranges(others):
            await connection.execute(RANGE, epoch, one[0], one[-1], own_log.digest_of(leaves, one))


async def _unnamed(connection: Connection, ledgers: Sequence[Leaves]) -> list[Mapping[int, bytes]]:
    """Of each, by position, the leaves that are not known to have been lost; each leaf once."""
    found: list[Mapping[int, bytes]] = []
    seen: set[bytes] = set()
    for one in ledgers:
        leaves = one.by_position
        seen |= await own_log.named_leaves(connection, leaves.values())
        ranges = await own_log.named_ranges(connection, leaves)
        found.append({at: leaf for at, leaf in leaves.items() if leaf not in seen and at not in ranges})
        seen |= set(leaves.values())
    return found


def _is_told(epochs: Epochs, claim: Claim) -> bool:
    """Whether an epoch that has begun says already that this event's number is history no more."""
    shared = epochs.shared_since(claim.feed.full_name, claim.epoch)
    return shared is not None and claim.sequence > shared


def _is_new(epochs: Epochs, shared: tuple[int, ...], after: int, leaves: Mapping[int, bytes]) -> bool:
    """The same of leaves after a point, of a head of that epoch."""
    since = min((one.position for one in epochs.later if one.number > FIRST + len(shared)), default=None)
    return (since is None or after < since) and any(position > after for position in leaves)


def _unheard(claims: list[Claim], leaves: Mapping[int, bytes]) -> list[int]:
    """Positions of which nobody has more than the leaf."""
    heard = {one.leaf for one in claims}
    return sorted(position for position, leaf in leaves.items() if leaf not in heard)


def _ranges(positions: list[int]) -> list[range]:
    """Sorted ones, joined where they follow one another."""
    found: list[range] = []
    for at in positions:
        if found and found[-1].stop == at:
            found[-1] = range(found[-1].start, at + 1)
        else:
            found.append(range(at, at + 1))
    return found
