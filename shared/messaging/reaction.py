"""Reactions: other departments' events -> this department's commands. Pure; `reacting.py` carries them out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Instruction


@dataclass(frozen=True)
class Reaction:
    """`events` it waits for and the pure function that answers them."""

    name: str
    events: tuple[type[Event], ...]
    react: Callable[[Recorded], Iterable[Instruction]]
