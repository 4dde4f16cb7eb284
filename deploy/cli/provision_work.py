"""Appoints everybody in a file, and applies for their seals, over HTTP."""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.cli.bars import bar_of_lines
from deploy.provision import accounts, reports
from deploy.provision.desk import PATIENCE, Desk
from deploy.provision.reached import Reached
from deploy.provision.rows import Row, Wrong, read
from deploy.runner.errors import StackError


@dataclass
class Outcome:
    new: int = 0
    unchanged: int = 0
    seals: int = 0
    seals_unchanged: int = 0
    staff: dict[int, str] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


async def provision(
    file: Path, reached: Reached, login: str, keeper: str | None, passwords: tuple[str, str]
) -> Outcome:
    """`passwords`: the variables that hold those of `login` and `keeper`. StackError: see `Desk` and `rows.read`."""
    rows, wrong = read(file)
    outcome = Outcome(wrong=list(wrong))
    with_seal = [row for row in rows if row.wants_seal]
    if with_seal and keeper is None:
        raise StackError(f"{file} asks for {len(with_seal)} seals: say with --keeper who applies for them")
    async with AsyncExitStack() as clients:

        async def client(name: str) -> httpx.AsyncClient:
            language = "zh-CN" if os.environ.get("LANG", "").startswith("zh") else "en"
            made = httpx.AsyncClient(
                base_url=reached.address(name),
                timeout=PATIENCE,
                trust_env=False,
                headers={"accept-language": language},
            )
            return await clients.enter_async_context(made)

        identity = await client("identity")
        await _appoint(Desk(identity, identity, login, reached.password(login, passwords[0])), file, rows, outcome)
        if with_seal and keeper:
            password = reached.password(keeper, passwords[1])
            appointed = [row for row in with_seal if row.line in outcome.staff]
            await _seal(Desk(await client("certificates"), identity, keeper, password), appointed, outcome)
    return outcome


async def _appoint(desk: Desk, file: Path, rows: list[Row], outcome: Outcome) -> None:
    with bar_of_lines() as bar:
        task = bar.add_task("accounts", total=len(rows))
        async for part in accounts.appoint(desk, rows):
            reports.keep_passwords(reports.passwords_beside(file), part.passwords)
            outcome.new += part.done
            outcome.unchanged += part.unchanged
            outcome.staff |= part.staff
            outcome.wrong += part.wrong
            bar.advance(task, part.lines)


async def _seal(desk: Desk, rows: list[Row], outcome: Outcome) -> None:
    with bar_of_lines() as bar:
        task = bar.add_task("seals", total=len(rows))
        async for part in accounts.apply_for_seals(desk, rows, outcome.staff):
            outcome.seals += part.done
            outcome.seals_unchanged += part.unchanged
            outcome.wrong += part.wrong
            bar.advance(task, part.lines)
