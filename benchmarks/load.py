"""A closed loop: so many writers, each sending its next request when the last was answered."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from benchmarks.figures import Figure, percentiles


async def closed_loop(writers: int, seconds: float, request: Callable[[int], Awaitable[object]]) -> Figure:
    """`request(writer)` again and again for `seconds`; what errors it raises end the measurement."""
    latencies: list[float] = []
    end = perf_counter() + seconds

    async def write(writer: int) -> None:
        while (begin := perf_counter()) < end:
            await request(writer)
            latencies.append(perf_counter() - begin)

    begin = perf_counter()
    async with asyncio.TaskGroup() as group:
        for writer in range(writers):
            group.create_task(write(writer))
    return figure(latencies, perf_counter() - begin)


def figure(latencies: list[float], elapsed: float) -> Figure:
    """One measurement of requests that took so many seconds each, all within `elapsed`."""
    p50, p99 = percentiles(latencies)
    return Figure(len(latencies) / elapsed, p50, p99)
