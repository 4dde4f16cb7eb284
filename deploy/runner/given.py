"""Servers that exist already, for one department run by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Given:
    """Addresses with login; what is None is provided by the runner."""

    nats_url: str | None = None
    database_url: str | None = None
    database_owner_url: str | None = None

    @classmethod
    def by(cls, environment: Mapping[str, str]) -> Self:
        """From NATS_URL, DATABASE_URL and DATABASE_OWNER_URL; an empty one counts as missing."""
        names = ("NATS_URL", "DATABASE_URL", "DATABASE_OWNER_URL")
        return cls(*(environment.get(name) or None for name in names))


NOTHING_GIVEN = Given()
