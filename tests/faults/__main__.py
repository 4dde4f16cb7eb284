"""`make faults`: every fault on a real stack under load, told as a table. Exit code 1 unless all came out well."""

import asyncio
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.live import Live

from tests.faults import disk
from tests.faults.cluster import clustered
from tests.faults.fault import Fault, Ground, NotHere
from tests.faults.faults import matrix
from tests.faults.load import Crew
from tests.faults.outcome import Outcome, in_a_line, log_tails, strike, table
from tests.faults.standby import with_standby
from tests.faults.town import Scene, opened, ordinary
from tests.faults.walk.told import walked

console = Console(highlight=False, stderr=True, width=None if sys.stderr.isatty() else 200)


def main(
    only: Annotated[
        str | None, typer.Option(help="Faults whose name holds one of these words, comma-separated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the moments of chance and of what people do.")] = 20231224,
    quick: Annotated[bool, typer.Option("--quick", help="Shorter outages, fewer events.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Name the faults and stop.")] = False,
    walk: Annotated[int | None, typer.Option(metavar="SEED", help="Faults at random, in a small world.")] = None,
    full: Annotated[bool, typer.Option("--full", help="The walk on a whole stack.")] = False,
    steps: Annotated[int, typer.Option(help="Of the walk.")] = 100,
    start: Annotated[int | None, typer.Option("--from", help="The walk's first step; else where it was left.")] = None,
) -> None:
    """Strike a running stack with one fault after the other while people work with it."""
    if walk is not None:
        walked(walk, steps, start, full=full)
        return
    words = [word.strip() for word in only.split(",")] if only else [""]
    chosen = [fault for fault in matrix(quick=quick) if any(word in fault.name for word in words)]
    if listed:
        sys.stdout.writelines(f"{fault.name}\n" for fault in chosen)
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    console.print(f"seed {seed}")
    outcomes = asyncio.run(_run(chosen, seed, quick))
    if as_json:
        told = {"seed": seed, "outcomes": [asdict(one) | {"is_good": one.is_good} for one in outcomes]}
        sys.stdout.write(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if not outcomes or not all(one.is_good for one in outcomes):
        raise typer.Exit(1)


async def _run(faults: list[Fault], seed: int, quick: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with Live(table(outcomes), console=console, auto_refresh=False) as live:
        for ground, group in groupby(faults, lambda fault: fault.ground):
            async for outcome in _on(ground, group, seed, quick):
                outcomes.append(outcome)
                live.update(table(outcomes), refresh=True)
                if not console.is_terminal:  # a file is read while it grows
                    console.print(in_a_line(outcome), markup=False)
    return outcomes


async def _on(ground: Ground, faults: Iterator[Fault], seed: int, quick: bool) -> AsyncIterator[Outcome]:
    """On one stack; where it cannot be had, none of its faults can be had, for that reason."""
    directory = Path(tempfile.mkdtemp(prefix="tongban-faults-"))
    all_good = False
    try:
        async with standing_on(ground, directory, seed) as scene:
            scene.quick = quick
            all_good = True
            for fault in faults:
                outcome = await _outcome(fault, scene)
                all_good = all_good and outcome.is_good
                yield outcome
    except NotHere as reason:
        all_good = True
        for fault in faults:
            yield Outcome(fault.name, impossible=str(reason))
    finally:
        if all_good:
            shutil.rmtree(directory)
        else:
            console.print(f"logs are kept in {directory}\n{log_tails(directory)}", markup=False)


async def _outcome(fault: Fault, scene: Scene) -> Outcome:
    try:
        return await strike(fault, scene, Crew())
    except NotHere as reason:
        return Outcome(fault.name, impossible=str(reason))


@asynccontextmanager
async def standing_on(ground: Ground, directory: Path, seed: int) -> AsyncIterator[Scene]:
    """Raises NotHere."""
    match ground:
        case Ground.plain:
            async with opened(directory, seed, make=ordinary) as scene:
                yield scene
        case Ground.three_brokers:
            async with opened(directory, seed, make=clustered) as scene:
                yield scene
        case Ground.standby:
            async with opened(directory, seed, make=with_standby) as scene:
                yield scene
        case Ground.small_disk:
            with disk.small(directory / "postgres"):
                async with opened(directory, seed, make=ordinary) as scene:
                    yield scene


if __name__ == "__main__":
    typer.run(main)
