"""`tongban archive`: keeps the archive of PostgreSQL servers that run elsewhere than in `tongban up`."""

from pathlib import Path
from typing import Annotated

import typer

from deploy import known_stack
from deploy.cli.terminal import RecipientsFile, StackPath, failures_told, run_until_signalled


def archive(
    departments: Annotated[
        list[str] | None, typer.Argument(help="The servers that hold these; else all of the stack.")
    ] = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where backups and archive are kept.")] = ...,  # type: ignore[assignment]
    recipients: RecipientsFile = None,
    stack: StackPath = None,
) -> None:
    """Archive what PostgreSQL writes, as it is written, until Ctrl-C.

    The server streams into DIR; each segment is encrypted once it is finished, and its plain file deleted. The one that
    is being received stands in DIR/SYSTEM/spool. `tongban up --archive` does the same for its own PostgreSQL.
    """
    from deploy.cli import archive_work

    with failures_told():
        known = known_stack.find(stack)
        work = archive_work.work(known, departments, to.resolve(), archive_work.recipients(known, recipients))
    run_until_signalled(work)
