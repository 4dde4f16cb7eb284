"""`tongban up`: start a stack and keep it running in the foreground."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, RecipientsFile, answer, console, run_until_signalled, tell
from deploy.names import NAMES, PLACES

if TYPE_CHECKING:
    from deploy.runner.stack import Stack


def up(
    data: DataDir = DEFAULT_DATA_DIR,
    only: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"Run this department alone: {', '.join(NAMES)}.")
    ] = None,
    ports: Annotated[
        int | None,
        typer.Option(
            metavar="BASE",
            min=1024,
            max=65_535 - len(PLACES),
            help=f"Use the ports from BASE on, in this order: {', '.join(PLACES)}. "
            "Without it free ports are found at the first start and kept.",
        ),
    ] = None,
    sharing: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The data-sharing catalogue, from now on; else the one of the release."),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="TONGBAN_ARCHIVE",
            help="Archive there what PostgreSQL writes, as it is written, encrypted: see `tongban backup`. Best on "
            "another disk.",
        ),
    ] = None,
    recipients: RecipientsFile = None,
    seed: Annotated[bool, typer.Option("--seed", help="Appoint sample staff and enter sample people.")] = False,
) -> None:
    """Start PostgreSQL, NATS and all departments; keep them running until Ctrl-C.

    Progress goes to standard error. When every department is ready, standard output gets one line: "ready ADDRESS".
    State is kept in the data directory and survives a restart. Whatever ends unasked is started again, and so is a
    department that does not answer within a minute; the others serve meanwhile, and `tongban status` tells which it is.
    Ended before every department was ready, the exit code is 1.

    A key or secret is made for a department that has none yet, and for no other: where a database was written with one
    that is missing, the command says which to give. With --only they may be given in the environment: LEDGER_KEY_FILE,
    REGISTER_SECRET, SIGNING_KEY_FILE, KEY_MASTER_FILE, IDENTITY_PROVIDERS_FILE.

    With --only, PostgreSQL and NATS are those that DATABASE_URL (and DATABASE_OWNER_URL) and NATS_URL name; else those
    that another `tongban up` runs in the same data directory; else they are started here.
    """
    import deploy.runner.stack  # noqa: F401 - before anything is logged

    run_until_signalled(_up(data, only, ports, sharing, archive, recipients, seed))


async def _up(
    data: Path,
    only: str | None,
    ports: int | None,
    sharing: Path | None,
    archive: Path | None,
    recipients: Path | None,
    seed: bool,
) -> None:
    from deploy.runner.given import Given
    from deploy.runner.stack import Stack

    given = Given.by(os.environ)
    if not only:  # servers of the environment are those of a department that is run by itself
        given = Given(keys=given.keys)
    chosen = {only} if only else None
    async with Stack(
        data,
        base_port=ports,
        only=chosen,
        given=given,
        sharing_file=sharing,
        archive=archive,
        recipients_file=recipients,
        tell=tell,
    ) as stack:
        await _until_ready(stack)
        if seed:
            from deploy.cli.seed_work import plant_samples

            await plant_samples(data)
        _show(stack.addresses)
        answer(f"ready {next(iter(stack.addresses.values()))}")
        await asyncio.Event().wait()


async def _until_ready(stack: "Stack") -> None:
    """As long as it takes: a department that is slow stops none of the others. NotReady: asked to end before."""
    from deploy.runner.errors import NotReady

    try:
        await stack.ready(timeout=None)
    except asyncio.CancelledError:
        raise NotReady("ended before every department was ready") from None


def _show(addresses: Mapping[str, str]) -> None:
    from rich.table import Table

    from shared.contracts.catalogue import CONTRACTS

    table = Table("department", "address", "", box=None)
    titles = {contract.department: contract.title for contract in CONTRACTS}
    for name, address in addresses.items():
        table.add_row(name, address, titles[name].zh)
    console().print(table)
