"""A walk from the command line: one line a step, and a sum. It goes on where it was left."""

import asyncio
import logging
import sys
from pathlib import Path

import structlog
import typer

from tests.faults.walk.full import walk_full
from tests.faults.walk.walking import Walk, walk

STATES = Path(".tongban")


def walked(seed: int, steps: int, start: int | None, *, full: bool = False) -> None:
    """Raises typer.Exit with 1 when anything was found."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    STATES.mkdir(exist_ok=True)
    state = STATES / f"{'full-' if full else ''}walk-{seed}.json"
    one = Walk.resumed(state, seed) if start is None else Walk(seed, start)
    take = walk_full if full else walk
    one = asyncio.run(take(one, steps if start is None else start + steps, tell, state))
    tell(one.told())
    if one.found:
        raise typer.Exit(1)


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
