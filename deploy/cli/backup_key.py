"""`tongban backup-key`: the keys that backups are encrypted for."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import answer, failures_told, tell

app = typer.Typer(
    name="backup-key",
    help="The keys that backups are encrypted for: age's, which `age` and `age-keygen` read as well.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def new(file: Annotated[Path, typer.Argument(help="Gets the private key; it must not be there yet.")]) -> None:
    """Make a key: the private one goes into FILE, the public one to standard output.

    Add the public key to the file that --recipients-file of `tongban backup`, `archive` and `up` names. Keep the
    private one elsewhere than the backups and the databases, and a copy of it: without it no backup can be read.
    """
    from deploy.backup.keys import new_identity

    with failures_told():
        name = new_identity(file)
        tell(f"made {file}: keep it elsewhere than the backups, and a copy of it")
        answer(name)


@app.command()
def show(file: Annotated[Path, typer.Argument(help="Holds private keys.")]) -> None:
    """The public keys that belong to the private ones in FILE."""
    from deploy.backup.keys import read_identities

    with failures_told():
        for name in read_identities(file).recipients.names:
            answer(name)
