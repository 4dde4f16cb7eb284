"""Running things together, and ending them for certain."""

import asyncio
from collections.abc import Coroutine
from typing import Any

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
