"""`tongban compose-env`: what compose.yaml is told."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import failures_told


def compose_env(
    directory: Annotated[Path, typer.Option(help="where compose.yaml is")] = Path(),
    domain: Annotated[
        str, typer.Option(help="the departments answer at https://identity.DOMAIN, https://certificates.DOMAIN …")
    ] = "localhost",  # browsers take every name below it for this machine
) -> None:
    """Make `secrets/` and `.env` for `docker compose up`. What is there stays; what is missing is added."""
    from deploy.composed.make import make

    with failures_told():
        for sentence in make(directory, domain):
            typer.echo(sentence)
