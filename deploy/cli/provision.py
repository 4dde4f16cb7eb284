"""`tongban provision`: village accounts, and their seals, from one CSV file."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, console, failures_told, tell
from deploy.provision import accounts, reports
from deploy.provision.desk import PATIENCE, Desk
from deploy.provision.reached import Reached
from deploy.provision.rows import Row, Wrong, read
from deploy.runner.errors import StackError
from deploy.secrets import ADMINISTRATOR

PASSWORD = "TONGBAN_PASSWORD"  # noqa: S105 - names of variables
COLUMNS = "Columns login, name, id_number, division, roles, seal; of an operator department."
KEEPER_PASSWORD = "TONGBAN_KEEPER_PASSWORD"  # noqa: S105


@dataclass
class Outcome:
    new: int = 0
    unchanged: int = 0
    seals: int = 0
    seals_unchanged: int = 0
    staff: dict[int, str] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


def provision(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns login, name, id_number, division, roles, seal.")
    ],
    data: DataDir = DEFAULT_DATA_DIR,
    url: Annotated[str | None, typer.Option(help="Where identity runs, instead of in the data directory.")] = None,
    certificates_url: Annotated[str | None, typer.Option(help="Where certificates runs, if seals are wanted.")] = None,
    login: Annotated[str, typer.Option(help=f"An administrator; his password in {PASSWORD}.")] = ADMINISTRATOR,
    keeper: Annotated[
        str | None, typer.Option(help=f"A keeper of seals, if seals are wanted; his password in {KEEPER_PASSWORD}.")
    ] = None,
) -> None:
    """Appoint everybody in a file, and apply for the seals and signatures it asks for.

    One-time passwords go to FILE.passwords.csv, lines to correct to FILE.errors.csv. Who is there already stays as he
    is, so run it again after a break-off or when the errors are corrected.
    """
    with failures_told():
        outcome = asyncio.run(
            _provision(file, Reached(data, {"identity": url, "certificates": certificates_url}), login, keeper)
        )
    reports.write_errors(reports.errors_beside(file), outcome.wrong)
    tell(f"accounts: {outcome.new} appointed, {outcome.unchanged} were there already")
    if outcome.seals or outcome.seals_unchanged:
        tell(
            f"seals and signatures: {outcome.seals} applied for and made, {outcome.seals_unchanged} were there already"
        )
    if outcome.new:
        tell(f"one-time passwords: {reports.passwords_beside(file)} (hand them out, then delete the file)")
    if outcome.wrong:
        tell(f"{len({one.line for one in outcome.wrong})} lines to correct: {reports.errors_beside(file)}")
        raise typer.Exit(1)


async def _provision(file: Path, reached: Reached, login: str, keeper: str | None) -> Outcome:
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
        await _appoint(Desk(identity, identity, login, reached.password(login, PASSWORD)), file, rows, outcome)
        if with_seal and keeper:
            password = reached.password(keeper, KEEPER_PASSWORD)
            appointed = [row for row in with_seal if row.line in outcome.staff]
            await _seal(Desk(await client("certificates"), identity, keeper, password), appointed, outcome)
    return outcome


async def _appoint(desk: Desk, file: Path, rows: list[Row], outcome: Outcome) -> None:
    with _bar() as bar:
        task = bar.add_task("accounts", total=len(rows))
        async for part in accounts.appoint(desk, rows):
            reports.keep_passwords(reports.passwords_beside(file), part.passwords)
            outcome.new += part.done
            outcome.unchanged += part.unchanged
            outcome.staff |= part.staff
            outcome.wrong += part.wrong
            bar.advance(task, part.lines)


async def _seal(desk: Desk, rows: list[Row], outcome: Outcome) -> None:
    with _bar() as bar:
        task = bar.add_task("seals", total=len(rows))
        async for part in accounts.apply_for_seals(desk, rows, outcome.staff):
            outcome.seals += part.done
            outcome.seals_unchanged += part.unchanged
            outcome.wrong += part.wrong
            bar.advance(task, part.lines)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
