"""`tongban backup`: what a lost disk does not take."""

from pathlib import Path
from typing import Annotated

import typer

from deploy import known_stack
from deploy.cli.terminal import FOUND, IdentityFile, RecipientsFile, StackPath, failures_told, run


def backup(
    departments: Annotated[
        list[str] | None, typer.Argument(help="The servers that hold these; else all of the stack.")
    ] = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where backups and archive are kept.")] = ...,  # type: ignore[assignment]
    keep: Annotated[int, typer.Option(min=1, help="So many backups of each server are kept, the last ones.")] = 7,
    check: Annotated[
        bool, typer.Option("--check", help="Restore it into a server that is thrown away, and look at it.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="Make none: list those that are there.")] = False,
    recipients: RecipientsFile = None,
    identity: IdentityFile = None,
    stack: StackPath = None,
) -> None:
    """Make a backup of the PostgreSQL servers of a stack, and delete the oldest ones.

    A backup is of a whole server: of each department that it holds. It stands by itself; with the archive that
    `tongban up --archive DIR` keeps, or pg_receivewal, any later moment can be restored: `tongban restore`.

    It is encrypted (age) as it is made, for the public keys of --recipients-file. The private key is needed for --check
    and `tongban restore` only: keep it elsewhere, and a copy of it. Without it no backup can be read by anybody.

    Secrets, keys and stack.json lie outside PostgreSQL. They are not in it: keep them apart.

    With --check the newest backup is restored beside, with all that was archived since, and each department's ledger,
    events and read models are compared. With --list nothing is made.

    Exit code 1: no backup could be made, one that was looked at is not what it should be, or one cannot be read.
    """
    from deploy.cli import backup_work

    with failures_told():
        if show:
            raise typer.Exit(0 if backup_work.show(to) else FOUND)
        known = known_stack.find(stack)
        keys = backup_work.keys(known, recipients, identity, is_checked=check)
    is_good = run(backup_work.work(known, departments, to.resolve(), keep, keys))
    raise typer.Exit(0 if is_good else FOUND)
