"""Reads the cases of a file and hands them in over HTTP, each once."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.cli.bars import bar_of_lines
from deploy.provision.desk import PATIENCE, Desk
from deploy.provision.errors import FileUnusable, RequestRefused
from deploy.provision.reached import Reached
from deploy.provision.rows import Wrong

THERE_ALREADY = "already_open"  # somebody else handed in the same birth: nothing is left to do
WANTED = {"definition", "applicant", "card_seen", "form"}


@dataclass
class Taken:
    """`cases`: those handed in by this file, now or before."""

    cases: dict[int, str] = field(default_factory=dict)  # line -> case
    there_already: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def read(file: Path) -> tuple[dict[int, Any], list[Wrong]]:
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


async def hand_in(entries: dict[int, Any], login: str, reached: Reached, variable: str) -> Taken:
    """`variable` holds the password of `login`. StackError: see `Desk`."""
    taken = Taken()
    async with AsyncExitStack() as clients:
        cases, identity = [
            await clients.enter_async_context(
                httpx.AsyncClient(base_url=reached.address(name), timeout=PATIENCE, trust_env=False)
            )
            for name in ("cases", "identity")
        ]
        desk = Desk(cases, identity, login, reached.password(login, variable))
        with bar_of_lines() as bar:
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
