"""Looks at how a department does: seldom, shared by all who ask, bounded, and on a connection of its own.

A database that is slow makes no answer slow: whoever asks waits PATIENCE at most and is told what was found so far. A
pool that is all in use hides nothing, because the look does not borrow from it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import asyncpg
import structlog

from shared.contracts.errors import TongbanError
from shared.department import counting
from shared.department.engine import Engine
from shared.department.engine_state import EngineState
from shared.department.vital_signs import Attention, PoolUse, Remark, Seen, findings
from shared.eventstore import archive, missing_keys, timers
from shared.eventstore.database import Pool, connect_pool
from shared.eventstore.masters_away import MastersAway, masters_away
from shared.eventstore.tasks import end
from shared.eventstore.transient import AWAY, described
from shared.messaging import parking, phantom_list, rebuilds_due, witness_store

log = structlog.get_logger(__name__)

PATIENCE = 2.0  # seconds that whoever asks waits at most
PULSE_WITHIN = 1.5  # seconds for the database to answer at all
PART_WITHIN = 2.0  # seconds for each part
FRESH = 2.0  # seconds for which a look counts as now
FRESH_UNREADY = 0.2  # the same while the department is not ready: somebody waits for it

KEYS_KNOWN = "select exists (select from signing_keys where public_key is not null and retired_at is null)"

Part = Callable[[Pool], Awaitable[Any]]


class Vitals:
    """Of one department. `async with`: inside, `seen` looks."""

    def __init__(self, engine: Engine, database_url: str) -> None:
        self._engine = engine
        self._url = database_url
        self._seen = Seen()
        self._attention = Attention()
        self._look: asyncio.Task[None] | None = None
        self._looked = float("-inf")
        self._pool: Pool | None = None
        feeds = [feed.local_name for feed in engine.registry.own_feeds]
        self._parts: Mapping[str, Part] = {
            "signing_keys": lambda pool: pool.fetchval(KEYS_KNOWN),  # first: readiness rests on it
            "parked": parking.count,
            "ledger_alarms": witness_store.standing,
            "epochs": counting.epochs,
            "phantoms": phantom_list.undecided,
            "rebuilding": rebuilds_due.due,
            "timers": timers.count,
            "clocks": counting.clocks,
            "stuck": counting.stuck,
            "feeds": lambda pool: counting.own_feeds(pool, feeds),
            "numbering": counting.numbering,
            "archive": archive.state,
            "masters": self._masters_away,
            "missing_keys": missing_keys.waited_for,
            "waiting": lambda pool: counting.gauges(pool, engine.service.gauges),
        }
        self._failed: dict[str, str] = {}  # parts that were not answered: what they met

    async def close(self) -> None:
        if self._look is not None:
            await end(self._look)
        if self._pool is not None:
            self._pool.terminate()

    async def seen(self) -> Seen:
        """The state as known now. Never raises, and never takes longer than PATIENCE."""
        if self._look is None or (self._look.done() and monotonic() - self._looked > self._fresh):
            self._look = asyncio.create_task(self._look_around(), name="vitals")
        await asyncio.wait({self._look}, timeout=PATIENCE)
        pools = {name: _use_of(pool) for name, pool in self._engine.pools.items()}
        return replace(self._seen, pools=pools, failed=tuple(self._failed))

    async def told(self) -> tuple[Seen, EngineState, list[Remark]]:
        """The same with what is worth telling of it."""
        seen, state = await self.seen(), self._engine.state()
        return seen, state, self._attention.remarks(findings(seen, state), datetime.now(UTC))

    async def _masters_away(self, pool: Pool) -> MastersAway:
        masters = self._engine.key_masters
        return MastersAway() if masters is None else await masters_away(pool, masters)

    @property
    def _fresh(self) -> float:
        return FRESH if self._seen.database and self._seen.signing_keys else FRESH_UNREADY

    async def _look_around(self) -> None:
        try:
            async with asyncio.timeout(PULSE_WITHIN):
                pool = await self._own_pool()
                await pool.fetchval("select 1")
            self._seen.database = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the database does not serve us
            self._seen.database = False
            if not isinstance(error, AWAY):
                log.error("the look at the database failed", problem=described(error))  # noqa: TRY400 - no values
        else:
            for name, part in self._parts.items():
                await self._look_at(name, part, pool)
        self._looked = monotonic()

    async def _look_at(self, name: str, part: Part, pool: Pool) -> None:
        try:
            async with asyncio.timeout(PART_WITHIN):
                setattr(self._seen, name, await part(pool))
        except (*AWAY, asyncpg.PostgresError, TongbanError) as error:
            if name not in self._failed:  # else it is one more time
                log.warning("a part of the look failed", part=name, problem=described(error))
            self._failed[name] = type(error).__name__
        else:
            self._failed.pop(name, None)

    async def _own_pool(self) -> Pool:
        """A connection of its own, given up when nobody asks for a while."""
        if self._pool is None:
            self._pool = await connect_pool(
                self._url, name=f"{self._engine.service.name} vitals", min_size=0, max_size=1, command_timeout=PATIENCE
            )
        return self._pool


def _use_of(pool: Pool) -> PoolUse:
    """asyncpg counts its connections; who waits for one stands in the queue it keeps to itself."""
    queue = getattr(pool, "_queue", None)
    return PoolUse(
        pool.get_size(), pool.get_idle_size(), pool.get_max_size(), len(getattr(queue, "_getters", ()) or ())
    )
