"""`tongban parked`: events that could not be handled and wait, and what an operator does about them.

It works on the department's database, whether the department runs or not; one that runs notices at once.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, operator, tell
from deploy.reach import Reached, reach, reach_all
from deploy.runner.errors import StackError
from shared.eventstore.database import Pool
from shared.messaging import parking
from shared.messaging.parking import Parked

T = TypeVar("T")

PAGE = 500  # rows

app = typer.Typer(name="parked", help="Events that could not be handled and wait.", no_args_is_help=True)

Department = Annotated[str, typer.Argument(metavar="DEPARTMENT")]
Feed = Annotated[str, typer.Argument(metavar="FEED", help="Its full name, such as identity.people.")]
Sequence = Annotated[int, typer.Argument(min=1)]


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    dropped: Annotated[bool, typer.Option("--dropped", help="Those too that were given up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What waits, by department and feed. Exit code 1 when anything does."""
    with failures_told():
        reached = reach_all(data, [department] if department else None)
        found = asyncio.run(_list(reached, dropped))
    if as_json:
        for name, one in found:
            answer(json.dumps({"department": name, **asdict(one)}, default=str, ensure_ascii=False))
    else:
        for line in _lines(found):
            answer(line)
        tell(f"{len(found)} events" if found else "nothing is parked")
    if any(one.dropped_at is None for _, one in found):
        raise typer.Exit(1)


@app.command()
def show(department: Department, feed: Feed, sequence: Sequence, data: DataDir = DEFAULT_DATA_DIR) -> None:
    """One of them with its envelope, as JSON. Personal fields, and fields nobody knows, are shown as "…"."""

    async def work(pool: Pool, reached: Reached) -> dict[str, Any]:
        one = await parking.one(pool, feed, sequence)
        if one is None:
            raise StackError(f"{feed} {sequence} is not parked at {department}")
        return {**asdict(one), "event": await parking.shown(pool, reached.registry, feed, sequence)}

    answer(json.dumps(_at(department, data, work), indent=1, default=str, ensure_ascii=False))


@app.command()
def retry(
    department: Department,
    data: DataDir = DEFAULT_DATA_DIR,
    feed: Annotated[str | None, typer.Option(help="Of this feed only.")] = None,
    stream: Annotated[str | None, typer.Option(help="Of this stream only.")] = None,
) -> None:
    """Try again, each stream in its order. Exit code 1 when some are still parked."""

    async def work(pool: Pool, reached: Reached) -> parking.Retried:
        return await parking.retry(pool, reached.handling, feed, stream)

    retried = _at(department, data, work)
    tell(f"{retried.applied} applied, {retried.still_parked} still parked")
    if retried.still_parked:
        raise typer.Exit(1)


@app.command()
def drop(
    department: Department,
    feed: Feed,
    sequence: Sequence,
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")],
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Give one up: it is never applied. What waits behind it goes on with the next `retry`."""

    async def work(pool: Pool, _: Reached) -> None:
        if not await parking.drop(pool, feed, sequence, operator(), reason):
            raise StackError(f"{feed} {sequence} is not parked at {department}")

    if len(reason.strip()) < 3:
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    _at(department, data, work)
    tell(f"{feed} {sequence} dropped; `tongban parked retry {department} --feed {feed}` lets the others go on")


def _at(department: str, data: Path, work: Callable[[Pool, Reached], Awaitable[T]]) -> T:
    """Do it in a department's database."""

    async def within(reached: Reached) -> T:
        async with reached.pool() as pool:
            return await work(pool, reached)

    with failures_told():
        return asyncio.run(within(reach(data, department)))


async def _list(departments: list[Reached], dropped: bool) -> list[tuple[str, Parked]]:
    found = []
    for reached in departments:
        async with reached.pool() as pool:
            after = ("", 0)
            while page := await parking.page(pool, after=after, with_dropped=dropped, limit=PAGE):
                found += [(reached.name, one) for one in page]
                after = page[-1].feed, page[-1].sequence
    return found


def _lines(found: list[tuple[str, Parked]]) -> Iterator[str]:
    """Three lines an event; a table of these columns would fit no terminal."""
    for name, one in found:
        what = f"dropped by {one.dropped_by}: {one.reason}" if one.dropped_at else one.error or "waits behind another"
        yield f"{name}: {one.feed} {one.sequence}  {one.type}"
        yield f"  {one.stream}  since {one.parked_at:%Y-%m-%d %H:%M:%S}Z, tried {one.attempts} times"
        yield f"  {what}"
