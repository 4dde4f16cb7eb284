"""What a command costs when much is stored already, beside a store with little, in turns; and a plot of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import departments, feed
from benchmarks.departments import OFFICE_SERVICE, all_numbered, submit_one
from benchmarks.figures import Aim, Case, Contender, Figure, Line, Options, in_turns, ratio
from benchmarks.load import closed_loop
from benchmarks.servers import Servers
from shared.department.engine import Engine

WRITERS = 32
LITTLE = 10_000
STEPS = 3  # sizes between little and all, evenly on a logarithmic scale
BESIDE = f"with {LITTLE:,} stored"


@dataclass(frozen=True)
class Point:
    stored: int
    times: tuple[float, ...]  # what a command cost, as a multiple of its cost with LITTLE stored, by round


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    points: list[Point] = []
    async with AsyncExitStack() as stack:
        large = await stack.enter_async_context(await _office(servers))
        await large.start()
        for size in sizes(options.events):
            stored = await large.pool.fetchval("select count(*) from events")
            await feed.fill_log(large, max(0, size - stored))
            lines = await _beside_little(servers, options, large)
            points.append(Point(size, rounds(lines)))
            aim = Aim(f"times its cost {BESIDE}", 1 / ratio(lines, BESIDE), 1.15, at_least=False)
            yield Case("growth", f"{size:,} events stored, {WRITERS} writers", "commands/s", lines, (aim,))
    if options.plot is not None:
        plot(points, options.plot)


def sizes(most: int) -> list[int]:
    """LITTLE, some between, and all."""
    if most <= LITTLE:
        return [most]
    steps = STEPS + 1
    return [round(LITTLE * (most / LITTLE) ** (step / steps)) for step in range(steps + 1)]


def rounds(lines: Sequence[Line]) -> tuple[float, ...]:
    """Cost beside little's, each round within itself."""
    large, little = lines
    return tuple((b.rate or 0.0) / (a.rate or 1.0) for a, b in zip(large.figures, little.figures, strict=True))


def plot(points: Sequence[Point], file: Path) -> None:
    """Every round a dot, their medians a line."""
    from matplotlib import pyplot  # only the group `bench` has it

    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    for point in points:
        axes.plot([point.stored] * len(point.times), point.times, ".", color="#8899aa")
    medians = [sorted(point.times)[len(point.times) // 2] for point in points]
    axes.plot([point.stored for point in points], medians, "o-", color="#0b5cad", label="median of rounds")
    axes.axhline(1.15, color="#b03030", linestyle="--", linewidth=1, label="aim: at most 1.15")
    axes.set_xscale("log")
    axes.set_ylim(0, max(2.0, *(time for point in points for time in point.times)))
    axes.set_xlabel("events stored")
    axes.set_ylabel(f"cost of a command\n({LITTLE:,} stored = 1)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


async def _beside_little(servers: Servers, options: Options, large: Engine) -> tuple[Line, ...]:
    async with await _office(servers) as little:
        await little.start()
        await feed.fill_log(little, LITTLE)

        async def measure(office: Engine) -> Figure:
            found = await closed_loop(WRITERS, options.seconds, lambda _: submit_one(office))
            await all_numbered(office)
            return found

        for office in (large, little):
            await closed_loop(WRITERS, 0.2, lambda _, office=office: submit_one(office))  # type: ignore[misc]
        return await in_turns(
            (
                Contender("ours", "ours", lambda: measure(large)),
                Contender(BESIDE, "peer", lambda: measure(little)),
            ),
            options.rounds,
        )


async def _office(servers: Servers) -> AbstractAsyncContextManager[Engine]:
    return departments.engine(OFFICE_SERVICE, departments.settings(await servers.department(), servers.directory))
