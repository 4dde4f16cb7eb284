"""`accounts.conf`: the accounts as nats-server reads them. JSON, which its configuration language takes in.

Beside it lies `sharing.yaml`, the catalogue that they were made from, which departments follow: what an operator has
saved and nothing has checked moves nobody.
"""

import json
from pathlib import Path

from deploy.private_file import write_private
from deploy.road.accounts import Accounts, configuration
from shared.contracts.errors import Misconfigured

NAME = "accounts.conf"
CATALOGUE = "sharing.yaml"


def write(directory: Path, made: Accounts, *, mode: int = 0o600) -> Path:
    """It appears complete, or what was there stays."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / NAME
    write_private(path, text(made).encode(), mode)
    return path


def write_catalogue(directory: Path, catalogue: str, *, mode: int = 0o600) -> Path:
    """Once a broker has taken its accounts, or will read them at its start. It appears complete."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / CATALOGUE
    write_private(path, catalogue.encode(), mode)
    return path


def text(made: Accounts) -> str:
    return json.dumps(configuration(made), indent=1, ensure_ascii=False) + "\n"


def read(directory: Path) -> Accounts:
    """None of them when there is no file yet. Misconfigured: it cannot be read."""
    path = directory / NAME
    try:
        made: Accounts = json.loads(path.read_text("utf-8"))["accounts"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"{path} cannot be read ({type(error).__name__}); make it anew") from None
    return made
