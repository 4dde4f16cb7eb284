"""`tongban compose-env`: secrets for compose.yaml."""

import sys
from typing import Annotated

import typer

from deploy.compose_environment import TRIAL_DOMAIN, environment_file


def compose_env(
    domain: Annotated[
        str, typer.Option(help="the departments answer at https://identity.DOMAIN, https://certificates.DOMAIN …")
    ] = TRIAL_DOMAIN,
) -> None:
    """Print a .env with fresh secrets for `docker compose up`: `tongban compose-env > .env`. Keep it; run it once."""
    sys.stdout.write(environment_file(domain))
