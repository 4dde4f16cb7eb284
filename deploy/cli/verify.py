"""`tongban verify`: is the stored history what it was?"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from deploy import health
from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, console, failures_told
from deploy.reach import Reached, reach_all
from deploy.runner import stack_file
from deploy.verify.testimony import Testimony, addresses
from deploy.verify.verdict import Verdict
from deploy.verify.verdict import verify as verify_department

ALTERED, NOT_WHOLE = 1, 3  # exit codes


def verify(
    department: Annotated[str | None, typer.Argument(help="This one alone; else every department reached.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make every leaf and the whole ledger again from the stored bytes, and compare with log, nodes and neighbours.

    A department's database is the one of the stack in the data directory, or what <NAME>_DATABASE_URL names; its
    neighbours are asked at the addresses of that stack, or at <NAME>_HTTP_URL.

    What a witness holds in its present era is compared; the eras it has closed are named, and are no finding.

    Exit code 1: an event was altered, or an alarm stands. 3: nothing was found, but a witness could not be heard.
    """
    with failures_told():
        verdicts = asyncio.run(verify_all(data, [department] if department else None))
    raise typer.Exit(show(verdicts, Console(highlight=False)))


def show(verdicts: list[Verdict], output: Console) -> int:
    """The table and what is to be said beside it. Returns the exit code."""
    output.print(_table(verdicts))
    for line in _remarks(verdicts):
        output.print(line, markup=False, soft_wrap=True)
    if any(one.is_bad for one in verdicts):
        return ALTERED
    return 0 if all(one.is_whole for one in verdicts) else NOT_WHOLE


async def verify_all(data_dir: Path, names: list[str] | None) -> list[Verdict]:
    """StackError: one cannot be reached, or there is none."""
    departments = reach_all(data_dir, names)
    if not departments:
        stack_file.read(data_dir)  # says that nothing was started there
    known = addresses(data_dir)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )
    with bar:
        return [await _verify_one(reached, known, bar) for reached in departments]


async def _verify_one(reached: Reached, known: dict[str, str | None], bar: Progress) -> Verdict:
    task = bar.add_task(reached.name, total=None)
    async with health.client() as http, reached.pool() as pool, pool.acquire() as connection:
        testimonies = [
            Testimony(http, name, address, reached.name) for name, address in known.items() if name != reached.name
        ]
        return await verify_department(
            reached.name, connection, testimonies, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _table(verdicts: list[Verdict]) -> Table:
    table = Table("department", "events", "verdict", "witnessed by", box=None)
    for one in verdicts:
        verdict = "ALTERED" if one.is_altered else "ALARM" if one.is_bad else "intact"
        witnesses = ", ".join(f"{witness.name} {witness.size}" for witness in one.witnesses if witness.size)
        table.add_row(one.department, str(one.events), verdict, witnesses or "nobody yet")
    return table


def _remarks(verdicts: list[Verdict]) -> list[str]:
    lines = []
    for one in verdicts:
        if one.altered:
            lines.append(f"{one.department}: first altered event: {one.altered}")
        lines += [f"{one.department}: {finding}" for finding in one.other_findings]
        for witness in one.witnesses:
            lines += [f"{one.department}: ALARM raised by {witness.name}: {alarm}" for alarm in witness.alarms]
            lines += [f"{one.department}: {witness.name} closed {era}" for era in witness.closed_eras]
            if witness.trouble:
                lines.append(f"{one.department}: witness {witness.name} {witness.trouble}")
        if not any(witness.size for witness in one.witnesses):
            lines.append(
                f"{one.department}: no witness holds anything of it: "
                "a rewriting that also rewrote the ledger would not show"
            )
    return lines
