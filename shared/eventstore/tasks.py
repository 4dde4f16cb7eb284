"""Running things together, and ending them for certain."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

ASK_AGAIN = 0.5  # seconds


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Run until the first failure or until cancelled; then all are ended. Raises that first failure."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = [task for task in tasks if task.done() and task.exception()]
    finally:
        await end(*tasks)
    for task in failed:
        task.result()


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel until they are done.

    More than once, because Python 3.11's `asyncio.wait_for` can lose a cancellation that comes just as what it waits
    for is done, and a loop above it then goes on.
    """
    asked_ourselves = False
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=ASK_AGAIN)
        except asyncio.CancelledError:
            asked_ourselves = True  # we are ending anyway; told on below
    if asked_ourselves:
        raise asyncio.CancelledError


async def to_the_end(*work: Coroutine[Any, Any, None]) -> None:
    """Run all to their end, however often we are cancelled meanwhile: for putting away what must not be left half put
    away. Raises the first failure, else the cancellation."""
    tasks = [asyncio.create_task(one) for one in work]
    asked_ourselves = False
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError:
            asked_ourselves = True  # not passed on; told below
    for task in tasks:
        task.result()
    if asked_ourselves:
        raise asyncio.CancelledError


async def each(work: Callable[[T], Awaitable[R]], items: Sequence[T], *, at_once: int) -> list[R]:
    """The results in the order of the items, with so many under way at a time. Raises the first failure."""
    room = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with room:
            return await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
