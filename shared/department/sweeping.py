"""What the leader goes through now and then, because a process may be killed before its work is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from shared.department.paging import Place
from shared.eventstore.database import Pool

EVERY = 2.0  # seconds between sweeps

Clock = Callable[[], datetime]
Sweep = Callable[[], Awaitable[object]]


class ToDo(Protocol):
    """A to-do list's next page."""

    async def __call__(self, pool: Pool, *, after: Place, limit: int) -> Sequence[Place]: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


async def keep_sweeping(*sweeps: Sweep, every: float = EVERY) -> None:
    """A duty. Errors of the database end it together with the leadership."""
    while True:
        for sweep in sweeps:
            await sweep()
        await asyncio.sleep(every)


async def all_of(to_do: ToDo, pool: Pool, at_once: int) -> AsyncIterator[Place]:
    """Each once, the longest waiting first; what cannot be done now stays for the next sweep. `at_once`: a page."""
    after = Place.first()
    while page := await to_do(pool, after=after, limit=at_once):
        for place in page:
            yield place
        after = page[-1]
