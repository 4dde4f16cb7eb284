"""Reactions: other departments' events -> this department's commands. Pure; `reacting.py` carries them out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class Instruction:
    """A command for one stream."""

    aggregate: Aggregate[Any, Any]
    id: str
    command: Any

    @property
    def stream(self) -> str:
        return self.aggregate.stream(self.id)


@dataclass(frozen=True)
class Reaction:
    """`events` it waits for and the pure function that answers them."""

    name: str
    events: tuple[type[Event], ...]
    react: Callable[[Recorded], Iterable[Instruction]]
