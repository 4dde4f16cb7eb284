"""`tongban compose-env`: secrets for compose.yaml."""

import sys

from deploy.compose_environment import environment_file


def compose_env() -> None:
    """Print a .env with fresh secrets for `docker compose up`: `tongban compose-env > .env`. Keep it; run it once."""
    sys.stdout.write(environment_file())
