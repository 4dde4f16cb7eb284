"""`tongban intake`: one-thing cases that a township wrote down while it had no network, handed in, each once."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, console, failures_told, tell
from deploy.provision import reports
from deploy.provision.desk import PATIENCE, Desk
from deploy.provision.errors import FileUnusable, RequestRefused
from deploy.provision.reached import Reached
from deploy.provision.rows import Wrong

PASSWORD = "TONGBAN_PASSWORD"  # noqa: S105 - name of a variable
THERE_ALREADY = "already_open"  # somebody else handed in the same birth: nothing is left to do
WANTED = {"definition", "applicant", "card_seen", "form"}


@dataclass
class Taken:
    """`cases`: those handed in by this file, now or before."""

    cases: dict[int, str] = field(default_factory=dict)  # line -> case
    there_already: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def intake(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines: definition, applicant, card_seen, form.")],
    login: Annotated[str, typer.Option(help=f"Who took them down, of a counter; his password in {PASSWORD}.")],
    data: DataDir = DEFAULT_DATA_DIR,
    url: Annotated[str | None, typer.Option(help="Where cases runs, instead of in the data directory.")] = None,
    identity_url: Annotated[str | None, typer.Option(help="Where identity runs, if --url is given.")] = None,
) -> None:
    """Hand in every case of a file. Broken off, run it again: what was handed in before is not handed in twice.

    Prints line and case of each; lines to correct go to FILE.errors.csv.
    """
    with failures_told():
        entries, wrong = _read(file)
        taken = asyncio.run(_hand_in(entries, login, Reached(data, {"cases": url, "identity": identity_url})))
    taken.wrong += wrong
    for line, case in taken.cases.items():
        answer(f"{line}\t{case}")
    reports.write_errors(reports.errors_beside(file), taken.wrong)
    tell(f"{len(taken.cases)} handed in, {taken.there_already} were there already")
    if taken.wrong:
        tell(f"{len({one.line for one in taken.wrong})} lines to correct: {reports.errors_beside(file)}")
        raise typer.Exit(1)


def _read(file: Path) -> tuple[dict[int, Any], list[Wrong]]:
    """Entries by line. Raises FileUnusable."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnusable(f"{file} cannot be read: {error}") from None
    entries: dict[int, Any] = {}
    wrong: list[Wrong] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            wrong += _entry(number, line, entries)
    return entries, wrong


def _entry(number: int, line: str, entries: dict[int, Any]) -> Iterator[Wrong]:
    try:
        entry = json.loads(line)
    except ValueError:
        yield Wrong(number, "", "this line is no JSON")
        return
    if not isinstance(entry, dict) or not entry.keys() >= WANTED:
        yield Wrong(number, "", f"a line holds {', '.join(sorted(WANTED))}")
        return
    entries[number] = {name: entry[name] for name in sorted(WANTED)} | {"channel": "intake"}


async def _hand_in(entries: dict[int, Any], login: str, reached: Reached) -> Taken:
    taken = Taken()
    async with AsyncExitStack() as clients:
        cases, identity = [
            await clients.enter_async_context(
                httpx.AsyncClient(base_url=reached.address(name), timeout=PATIENCE, trust_env=False)
            )
            for name in ("cases", "identity")
        ]
        desk = Desk(cases, identity, login, reached.password(login, PASSWORD))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as bar:
            for line, entry in bar.track(entries.items(), description="cases"):
                await _one(desk, line, entry, taken)
    return taken


async def _one(desk: Desk, line: int, entry: Any, taken: Taken) -> None:
    try:
        taken.cases[line] = (await desk.send("/counter/cases", entry))["case"]
    except RequestRefused as refusal:
        if refusal.code == THERE_ALREADY:
            taken.there_already += 1
        else:
            taken.wrong += [Wrong(line, name, text) for name, text in refusal.fields.items()] or [
                Wrong(line, "", str(refusal))
            ]
