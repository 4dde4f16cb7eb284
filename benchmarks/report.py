"""What a person reads, and what a program reads."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Aim, Case, Line, Options
from benchmarks.machine import Machine


def show_machine(console: Console, machine: Machine, options: Options) -> None:
    console.print(
        f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB\n"
        f"load before: {machine.busy}; an addition in a Python loop: {machine.loop_ns:.0f} ns\n"
        f"fdatasync of a page: {machine.fdatasync_us:.0f} µs, 99 of 100 within {machine.fdatasync_p99_us:.0f} µs\n"
        + ", ".join(f"{name} {version}" for name, version in machine.versions.items())
        + f"\n{options.rounds} rounds of {options.seconds:g} s in turns, medians; seed {options.seed}",
        highlight=False,
    )


def show(console: Console, case: Case) -> None:
    table = Table(title=f"{case.row}: {case.name}", title_justify="left", expand=True)
    table.add_column("", ratio=1)
    for name in (case.unit, "rounds", "p50 ms", "p99 ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in case.lines:
        table.add_row(
            f"[bold]{line.name}[/]" if line.role == "ours" else f"{line.name} ({line.role})",
            _rate(line.rate),
            _spread(line),
            _milliseconds(line.p50),
            _milliseconds(line.p99),
        )
    console.print(table)
    for aim in case.aims:
        console.print(_told(aim))


def write(file: Path, machine: Machine, options: Options, cases: Sequence[Case]) -> None:
    told = {"machine": asdict(machine), "options": asdict(options), "cases": [case.as_json() for case in cases]}
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")


def _told(aim: Aim) -> str:
    mark = "[green]met[/]" if aim.is_met else "[red]missed[/]"
    return f"  {mark}  {_number(aim.value)} {aim.text}  (aim: {'>=' if aim.at_least else '<='} {_number(aim.bound)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _rate(value: float | None) -> str:
    return "" if value is None else _number(value)


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _spread(line: Line) -> str:
    rates = [figure.rate for figure in line.figures if figure.rate is not None]
    return f"{_number(min(rates))} .. {_number(max(rates))}" if len(rates) > 1 else ""
