"""Ending for certain."""

import asyncio

import pytest

from shared.eventstore.tasks import each, end, to_the_end, together


async def test_a_task_that_loses_a_cancellation_is_asked_again() -> None:
    lost: list[bool] = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(True)

    task = asyncio.create_task(deaf_once())
    await asyncio.wait({task}, timeout=0)
    async with asyncio.timeout(30):
        await end(task)
    assert lost
    assert task.cancelled()


async def test_the_first_failure_ends_the_others_and_is_raised() -> None:
    ended = asyncio.Event()

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise ValueError("mine")

    async with asyncio.timeout(30):
        with pytest.raises(ValueError, match="mine"):
            await together(works(), fails())
    assert ended.is_set()


async def test_who_is_cancelled_ends_what_runs_beneath() -> None:
    ended = asyncio.Event()

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(together(works()))
    await asyncio.wait({task}, timeout=0.01)
    await end(task)
    assert ended.is_set()
    assert task.cancelled()


async def test_what_is_put_away_to_the_end_is_not_cut_short() -> None:
    put_away: list[str] = []
    go = asyncio.Event()

    async def put(what: str) -> None:
        await go.wait()
        put_away.append(what)

    task = asyncio.create_task(to_the_end(put("one"), put("other")))
    for _ in range(3):
        await asyncio.wait({task}, timeout=0.01)
        task.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert put_away == ["one", "other"]


async def test_each_of_many_is_done_a_few_at_a_time_and_told_in_order() -> None:
    under_way, most = 0, 0

    async def double(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return 2 * number

    assert await each(double, range(20), at_once=3) == list(range(0, 40, 2))
    assert most == 3
