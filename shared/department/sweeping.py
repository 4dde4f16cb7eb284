"""What the leader goes through now and then, because a process may be killed before its work is done."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from shared.contracts.errors import TongbanError
from shared.department import stuck
from shared.department.paging import Place, Placed
from shared.department.stuck import Stuck
from shared.eventstore.database import Pool
from shared.eventstore.tasks import each
from shared.eventstore.transient import described, is_transient
from shared.eventstore.wake import Wake
from shared.standards.errors import NotValid

log = structlog.get_logger(__name__)

EVERY = 15.0  # seconds between looks, about, of a loop that nothing wakes
LEAST_BETWEEN = 0.02  # so that many commits do not mean as many looks

Clock = Callable[[], datetime]
Sweep = Callable[[], Awaitable[object]]
P = TypeVar("P", bound=Placed)
P_co = TypeVar("P_co", bound=Placed, covariant=True)


class ToDo(Protocol[P_co]):
    """A to-do list's next page."""

    async def __call__(self, pool: Pool, *, after: Place, limit: int) -> Sequence[P_co]: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


async def keep_sweeping(wake: Wake, *sweeps: Sweep, every: float = EVERY) -> None:
    """A duty: at once when woken, and anyway after a while. Errors of the database end it together with leadership."""
    while True:
        for sweep in sweeps:
            await sweep()
        await rest(wake, every)


async def rest(wake: Wake, seconds: float) -> None:
    """Between two looks; departments that began at one moment do not look at one moment for ever."""
    await asyncio.sleep(LEAST_BETWEEN)
    await wake.wait(seconds * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


async def go_through(
    list: str,
    to_do: ToDo[P],
    do: Callable[[P], Awaitable[object]],
    pool: Pool,
    clock: Clock,
    *,
    a_page: int,
    at_once: int = 1,
) -> int:
    """Each that does not rest once, the longest waiting first. Returns how many `do` answered with something true.

    What meets a refusal, a wrong setting or a bug rests longer each time and is in nobody's way: it is told when it
    begins and when it ends, and operators see it meanwhile. Raises the database's errors.
    """
    known = await stuck.of(pool, list)
    gone = set(known)
    done = 0

    async def try_one(one: P) -> bool:
        return await _try(list, one, do, pool, clock, _at_its_place(one, known))

    after = Place.first()
    while page := await to_do(pool, after=after, limit=a_page):
        gone -= {one.place.id for one in page}
        now = clock()
        due = [one for one in page if (before := _at_its_place(one, known)) is None or before.try_at <= now]
        done += sum(await each(try_one, due, at_once=at_once))
        after = page[-1].place
    if gone:  # seen to elsewhere
        await stuck.forget(pool, list, [*gone])
    return done


def _at_its_place(one: Placed, known: Mapping[UUID, Stuck]) -> Stuck | None:
    """What was put on the list anew does not rest."""
    before = known.get(one.place.id)
    return before if before and before.at == one.place.at else None


async def _try(
    list: str, one: P, do: Callable[[P], Awaitable[object]], pool: Pool, clock: Clock, before: Stuck | None
) -> bool:
    place = one.place
    try:
        done = bool(await do(one))
    except Exception as problem:
        if is_transient(problem):
            if not isinstance(problem, TongbanError):
                raise
            log.info("busy; looked at again soon", list=list, id=str(place.id))
            return False
        words = described(problem)
        await stuck.keep(pool, list, place, words, before, clock())
        if before is None or before.problem != words:
            is_known = isinstance(problem, TongbanError | NotValid)
            log.warning("cannot be done now", list=list, id=str(place.id), problem=words, exc_info=not is_known)
        return False
    if before:
        await stuck.forget(pool, list, [place.id])
        log.info("no longer stuck", list=list, id=str(place.id), attempts=before.attempts)
    return done
