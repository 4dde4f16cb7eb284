"""Turns due timers into commands: a leader's duty.

Commands to one stream come in the order their timers are due; different streams do not wait for each other. A command
comes under a key that follows from its timer and due time: killed between the command and the mark, or fired by two
leaders at once, it takes effect once. A bug sets its own timer aside, not those behind it.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import asyncpg
import structlog

from shared.contracts.errors import Refused
from shared.contracts.event import Metadata
from shared.eventstore import timer_upkeep
from shared.eventstore.aggregate import Context, Instruction
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.eventstore.tasks import together
from shared.eventstore.timer import DueTimer, TimerRule
from shared.eventstore.transient import described, is_transient
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

AT_ONCE = 64  # timers in hand
MOST_BETWEEN = 1.0  # seconds between two looks: a clock that was put forward, another instance's commit
LEAST_BETWEEN = 0.02  # so that many commits do not mean as many looks
RECKON_EVERY = 24 * 3600.0  # seconds

NEXT = """
select stream, rule, name, set_by, story, due_at, try_at, attempts from timers
where fired_at is null and try_at is not null and rule = any($1) order by try_at, stream, rule, name limit $2
"""
# Set anew for another time while its command was carried out, a timer is another one, and stays open. One that somebody
# sets just now is passed over, lest we and he wait for each other: it comes again, without effect.
FIRED = """
with fired as (
  select t.stream, t.rule, t.name
  from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as f (stream, rule, name, due_at)
  join timers t using (stream, rule, name)
  where t.due_at = f.due_at and t.fired_at is null
  for update of t skip locked
)
update timers t set fired_at = $5, error = null from fired f
where (t.stream, t.rule, t.name) = (f.stream, f.rule, f.name)
"""
AGAIN = """
update timers set attempts = attempts + 1, try_at = $5, error = $6
where stream = $1 and rule = $2 and name = $3 and due_at = $4 and fired_at is null
"""


def utc_now() -> datetime:
    return datetime.now(UTC)


class TimerPoller:
    """Of one department. `clock` is asked what time it is."""

    def __init__(
        self, pool: Pool, store: Store, rules: Sequence[TimerRule], *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._pool = pool
        self._store = store
        self._rules = {rule.name: rule for rule in rules}
        self._clock = clock

    async def run(self, committed: Wake) -> None:
        """Fire for ever, if there are rules. Errors of the database end it together with the leadership."""
        await timer_upkeep.stand(self._pool, list(self._rules.values()), self._store.registry)
        if not self._rules:
            return
        await timer_upkeep.reckon_again(self._pool)
        await together(self._reckon_daily(), self._keep_firing(committed))

    async def _reckon_daily(self) -> None:
        while True:
            await asyncio.sleep(RECKON_EVERY)
            await timer_upkeep.reckon_again(self._pool)

    async def _keep_firing(self, committed: Wake) -> None:
        while True:
            wait = await self.fire()
            if wait > 0:
                await asyncio.sleep(LEAST_BETWEEN)
                await committed.wait(wait)

    async def fire(self) -> float:
        """Fire what is due, at most AT_ONCE. Returns in how many seconds to look again, none when more is due."""
        now = self._clock()
        rows = await self._pool.fetch(NEXT, list(self._rules), AT_ONCE)
        due = [row for row in rows if row["try_at"] <= now]
        commands: dict[str, list[tuple[asyncpg.Record, Instruction]]] = {}
        for row in due:
            try:
                timer = DueTimer(row["stream"], row["name"], row["due_at"], now)
                instruction = self._rules[row["rule"]].due(timer)
                commands.setdefault(instruction.stream, []).append((row, instruction))
            except Exception as error:  # noqa: BLE001 - a bug in one rule; told, and not in the way of the others
                await self._try_later(row, error)
        if commands:
            fired: list[asyncpg.Record] = []
            await together(*(self._fire_in_order(one, fired) for one in commands.values()))
            await self._mark(fired)
        if len(due) == AT_ONCE:
            return 0.0
        later = rows[len(due)]["try_at"] - self._clock() if len(due) < len(rows) else timedelta.max
        return max(LEAST_BETWEEN, min(MOST_BETWEEN, later.total_seconds()))

    async def _fire_in_order(
        self, commands: Sequence[tuple[asyncpg.Record, Instruction]], fired: list[asyncpg.Record]
    ) -> None:
        for row, instruction in commands:
            if await self._fire_one(row, instruction):
                fired.append(row)

    async def _fire_one(self, row: asyncpg.Record, instruction: Instruction) -> bool:
        """False: it is to be tried again."""
        try:
            await self._store.execute(
                instruction.stream, instruction.aggregate, instruction.command, self._context(row)
            )
        except Refused as refused:
            log.info("timer refused", rule=row["rule"], stream=row["stream"], timer=row["name"], code=refused.code)
        except Exception as error:  # noqa: BLE001 - told by _try_later, and tried again for ever
            await self._try_later(row, error)
            return False
        return True

    async def _mark(self, fired: Sequence[asyncpg.Record]) -> None:
        streams, rules, names, due = ([row[part] for row in fired] for part in ("stream", "rule", "name", "due_at"))
        await self._pool.execute(FIRED, streams, rules, names, due, self._clock())

    def _context(self, row: asyncpg.Record) -> Context:
        """Who decides is this department; why is the event that set the timer; the story goes on."""
        due_at = row["due_at"].astimezone(UTC).isoformat()
        return Context(
            Metadata(
                actor=f"department:{self._store.registry.department}",
                correlation_id=row["story"],
                causation_id=str(row["set_by"]),
            ),
            key=f"timer\n{row['stream']}\n{row['rule']}\n{row['name']}\n{due_at}",
        )

    async def _try_later(self, row: asyncpg.Record, error: Exception) -> None:
        tell = partial(log.warning, "timer waits") if is_transient(error) else partial(log.error, "timer set aside")
        tell(rule=row["rule"], stream=row["stream"], timer=row["name"], error=described(error))
        told = None if is_transient(error) else described(error)
        delay = pause(row["attempts"], is_bug=told is not None)
        await self._pool.execute(AGAIN, *_key(row), self._clock() + delay, told)


def pause(attempts: int, *, is_bug: bool) -> timedelta:
    """Before the next try: what passes by itself soon (at most half a minute), a bug later (at most an hour)."""
    first, most = (5.0, 3600.0) if is_bug else (0.1, 30.0)
    return timedelta(seconds=min(most, first * 2 ** min(attempts, 16)) * random.uniform(0.5, 1))  # noqa: S311 - jitter


def _key(row: asyncpg.Record) -> tuple[str, str, str, datetime]:
    return row["stream"], row["rule"], row["name"], row["due_at"]
