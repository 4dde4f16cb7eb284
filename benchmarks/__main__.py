"""`python -m benchmarks`: each row beside its limit and peers in the same run; wall-clock is told, never enforced."""

import argparse
import importlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog
import uvloop
from rich.console import Console

from benchmarks import report
from benchmarks.figures import Case, Options
from benchmarks.machine import look
from benchmarks.servers import Servers, running_servers
from shared.department import garbage

ROWS = (
    "store",
    "relay",
    "subscription",
    "sealing",
    "visibility",
    "http",
    "history",
    "growth",
    "disturbed",
    "rebuild",
    "settlement",
    "claims",
    "issuing",
)
QUICK = Options(seconds=0.4, rounds=1, events=5_000)


def main() -> None:
    arguments = _parse()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chosen = QUICK if arguments.quick else Options()
    options = Options(
        seconds=arguments.seconds or chosen.seconds,
        rounds=arguments.rounds or chosen.rounds,
        seed=arguments.seed if arguments.seed is not None else chosen.seed,
        events=arguments.events or chosen.events,
        plot=arguments.plot,
    )
    garbage.search_seldom()
    uvloop.run(measure(arguments.only or list(ROWS), options, arguments.json))


async def measure(names: list[str], options: Options, file: Path | None = None) -> list[Case]:
    """Run these rows, show each as it is done, and write all to `file`."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    cases: list[Case] = []
    async with running_servers() as servers:
        machine = await look(servers)
        report.show_machine(console, machine, options)
        for name in names:
            async for case in _row(name)(servers, options):
                cases.append(case)
                report.show(console, case)
        if file is not None:
            report.write(file, machine, options, cases)
    aims = [aim for case in cases for aim in case.aims]
    console.print(f"{sum(aim.is_met for aim in aims)} of {len(aims)} aims met")
    return cases


def _row(name: str) -> Callable[[Servers, Options], AsyncIterator[Case]]:
    """A row's module is imported when it runs: only those with a peer need the group `bench`."""
    run: Callable[[Servers, Options], AsyncIterator[Case]] = importlib.import_module(f"benchmarks.{name}").run
    return run


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=ROWS, help="this row; may be repeated")
    parser.add_argument("--seconds", type=float, help=f"of one measurement (default {Options().seconds:g})")
    parser.add_argument("--rounds", type=int, help=f"in turns (default {Options().rounds})")
    parser.add_argument("--quick", action="store_true", help="one short round: does it run, not how fast is it")
    parser.add_argument("--seed", type=int, help=f"of what is random (default {Options().seed})")
    parser.add_argument("--events", type=int, help=f"stored beforehand, where it matters (default {Options().events})")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw what growth found there (SVG)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write machine, options and all figures there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
