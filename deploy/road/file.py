"""`accounts.conf`: the accounts as nats-server reads them. JSON, which its configuration language takes in."""

import json
from pathlib import Path

from deploy.private_file import write_private
from deploy.road.accounts import Accounts, configuration
from shared.contracts.errors import Misconfigured

NAME = "accounts.conf"


def write(directory: Path, made: Accounts, *, mode: int = 0o600) -> Path:
    """It appears complete, or what was there stays."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / NAME
    write_private(path, text(made).encode(), mode)
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
