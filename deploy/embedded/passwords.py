"""Passwords of a local stack, made once and kept where only their owner can read them."""

import json
import os
import secrets
from pathlib import Path


class PasswordFile:
    """A JSON object of role name to password, mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, role: str) -> str:
        """The role's password. KeyError: none was made."""
        return self._read()[role]

    def all(self) -> dict[str, str]:
        """Of every role that has one."""
        return self._read()

    def make(self, role: str) -> str:
        """The role's password, made at the first call: 43 characters of the URL-safe alphabet."""
        passwords = self._read()
        if role not in passwords:
            passwords[role] = secrets.token_urlsafe(32)
            self._replace(passwords)
        return passwords[role]

    def keep(self, passwords: dict[str, str]) -> None:
        """These and no others."""
        self._replace(passwords)

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        passwords: dict[str, str] = json.loads(self._path.read_bytes())
        return passwords

    def _replace(self, passwords: dict[str, str]) -> None:
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(passwords, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
