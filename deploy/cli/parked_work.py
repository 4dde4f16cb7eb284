"""The work of `tongban parked`: on an event in a department's database, with the department's own rooms."""

from dataclasses import asdict
from typing import Any

from deploy.reach import Reached
from deploy.runner.errors import StackError
from shared.messaging import parking


async def shown(reached: Reached, feed: str, sequence: int) -> dict[str, Any]:
    """StackError, as of the next two: it is not parked, or the database does not answer."""
    async with reached.pool() as pool:
        one = await parking.one(pool, feed, sequence)
        if one is None:
            raise _not_parked(reached, feed, sequence)
        return {**asdict(one), "event": await parking.shown(pool, reached.registry, feed, sequence)}


async def retried(reached: Reached, feed: str | None, stream: str | None) -> parking.Retried:
    """Tried again, each stream in its order."""
    async with reached.pool() as pool, reached.opening() as registry:
        return await parking.retry(pool, reached.handling(registry), feed, stream)


async def dropped(reached: Reached, feed: str, sequence: int, by: str, reason: str) -> None:
    """Given up for good."""
    async with reached.pool() as pool:
        if not await parking.drop(pool, feed, sequence, by, reason):
            raise _not_parked(reached, feed, sequence)


def _not_parked(reached: Reached, feed: str, sequence: int) -> StackError:
    return StackError(f"{feed} {sequence} is not parked at {reached.name}")
