"""What a fault is, and a fault that cannot be had on this machine."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.commands import Client
from tests.faults.town import Scene


class NotHere(Exception):
    """This machine cannot do it; the message says what it lacks."""


class Ground(StrEnum):
    """What the stack stands on."""

    plain = "plain"
    small_disk = "small disk"
    three_brokers = "three brokers"
    standby = "a PostgreSQL with a standby"


Strike = Callable[[Scene, Client], Awaitable[str]]
"""Does its damage while people are at work and mends it again; returns what is to be told, such as the moments.

AssertionError: what a department must do meanwhile, it did not do.
"""


@dataclass(frozen=True)
class Fault:
    name: str
    strike: Strike
    ground: Ground = Ground.plain
    patience: float = 90.0  # seconds within which the departments must be the same again
