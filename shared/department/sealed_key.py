"""A private key as it is stored: encrypted (AES-256-GCM) under a master key, and bound to its name."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from shared.eventstore.master_keys import MasterKey


@dataclass(frozen=True, slots=True)
class SealedKey:
    """`master`: the id of the master key it is under. None: stored before that was said."""

    name: str
    algorithm: str
    sealed: bytes
    master: str | None

    def opened(self, masters: Sequence[MasterKey]) -> bytes | None:
        """The private key. None: none of these opens it."""
        fitting = [one for one in masters if self.master in (None, one.id)]
        opened = (one.opened(self.sealed, _bound(self.name, self.algorithm)) for one in fitting)
        return next((private for private in opened if private is not None), None)

    @property
    def trouble(self) -> str:
        """What to tell when none opens it."""
        under = "another master key" if self.master is None else f"master key {self.master}"
        return f"key {self.name} was sealed under {under}, which KEY_MASTER_FILE does not hold"


def seal(name: str, algorithm: str, private: bytes, master: MasterKey) -> SealedKey:
    sealed = master.sealed(private, os.urandom(12), _bound(name, algorithm))
    return SealedKey(name, algorithm, sealed, master.id)


def _bound(name: str, algorithm: str) -> bytes:
    """What is encrypted opens under its own name only."""
    return f"{algorithm}\n{name}".encode()
