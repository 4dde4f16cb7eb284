"""`tongban compose-env`: secrets for compose.yaml."""

import sys
from typing import Annotated

import typer


def compose_env(
    domain: Annotated[
        str, typer.Option(help="the departments answer at https://identity.DOMAIN, https://certificates.DOMAIN …")
    ] = "localhost",  # browsers take every name below it for this machine
) -> None:
    """Print a .env with fresh secrets for `docker compose up`: `tongban compose-env > .env`. Keep it; run it once."""
    from deploy.compose_environment import environment_file

    sys.stdout.write(environment_file(domain))
