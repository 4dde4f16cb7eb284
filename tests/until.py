"""Waiting in tests: on a condition with a deadline, never for a fixed time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

T = TypeVar("T")


@overload
async def until(
    condition: Callable[[], Awaitable[T | None]], timeout: float = ..., every: float = ..., what: str = ...
) -> T: ...
@overload
async def until(condition: Callable[[], T | None], timeout: float = ..., every: float = ..., what: str = ...) -> T: ...
async def until(
    condition: Callable[[], Awaitable[T | None]] | Callable[[], T | None],
    timeout: float = 30.0,
    every: float = 0.01,
    what: str = "",
) -> T:
    """Ask `condition` every `every` seconds; return its first truthy value.

    AssertionError: none came within `timeout` seconds. An error of the condition itself is not caught.
    """
    answer: T | None = None
    waiting = asyncio.timeout(timeout)
    try:
        async with waiting:
            while True:
                asked = condition()
                answer = cast("T | None", await asked if inspect.isawaitable(asked) else asked)
                if answer:
                    return answer
                await asyncio.sleep(every)
    except TimeoutError:
        if not waiting.expired():  # the condition's own
            raise
        name = what or getattr(condition, "__qualname__", repr(condition))
        raise AssertionError(f"not within {timeout:g} s: {name} (last answer: {answer!r})") from None
