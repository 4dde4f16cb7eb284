"""A broker's logins for tests that need no more of its accounts."""

import json
from pathlib import Path
from typing import Any


def logins(directory: Path, **users: dict[str, Any]) -> Path:
    """A file of accounts: these users, all in one. Each a password and, it may be, permissions."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "logins.conf"
    all_of_them = [{"user": name, **told} for name, told in users.items()]
    path.write_text(json.dumps({"accounts": {"all": {"jetstream": "enabled", "users": all_of_them}}}), "utf-8")
    return path
