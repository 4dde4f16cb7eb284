"""Servers and keys that exist already, for one department run by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from deploy.runner.keys import VARIABLES


@dataclass(frozen=True, slots=True)
class Given:
    """Addresses with login; what is None is provided by the runner."""

    nats_url: str | None = None
    database_url: str | None = None
    database_owner_url: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # variable -> value, of `keys.VARIABLES`
    database_password: str | None = field(default=None, repr=False)  # where the URL has none

    @classmethod
    def by(cls, environment: Mapping[str, str]) -> Self:
        """From NATS_URL, DATABASE_URL, DATABASE_OWNER_URL and the keys' variables; an empty one counts as missing."""
        return cls(
            environment.get("NATS_URL") or None,
            environment.get("DATABASE_URL") or None,
            environment.get("DATABASE_OWNER_URL") or None,
            {name: environment[name] for name in VARIABLES if environment.get(name)},
            _password(environment),
        )


def _password(environment: Mapping[str, str]) -> str | None:
    """DATABASE_PASSWORD, or what the file holds that DATABASE_PASSWORD_FILE names. The department looks at it as well,
    and says what is wrong with it."""
    if password := environment.get("DATABASE_PASSWORD"):
        return password
    try:
        return Path(environment["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip() or None
    except (KeyError, OSError, UnicodeDecodeError):
        return None


NOTHING_GIVEN = Given()
