"""`tongban restore`: a department as it was."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy import known_stack
from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, IdentityFile, RecipientsFile, failures_told, run


def restore(
    departments: Annotated[list[str], typer.Argument(help="Those to restore, or `all`.")],
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="Where backups and archive are kept.")],
    at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="2026-11-30T16:45:00+08:00; local time without an offset. Else the end."),
    ] = None,
    identity: IdentityFile = None,
    recipients: RecipientsFile = None,
    data: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Restore departments of a stack that `tongban up` runs, and that is stopped.

    From the newest backup (before the moment) and the archive after it. If all departments of the server are named, its
    data directory is replaced, and the old one is kept beside it. Else those named are put back by themselves, the
    others stay as they are, and the old database is kept under another name.

    Backups are encrypted: the private key comes from --identity-file, or lies in the data directory.

    A restored department finds out by itself what its neighbours know that it has lost: start it, and read what
    `tongban status` says. PostgreSQL elsewhere than here: see docs/guides/restoring.md.
    """
    from deploy.cli import restore_work

    with failures_told():
        moment = _moment(at)
        known = known_stack.find(data)
        keys = restore_work.keys(known, identity, recipients)
    run(restore_work.work(known, departments, source.resolve(), moment, *keys))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment: write 2026-11-30T16:45:00+08:00", param_hint="--at") from None
