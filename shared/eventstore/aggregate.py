"""The decider: two pure functions and a start, and the context a command comes in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from shared.contracts.event import Event, Metadata

S = TypeVar("S")
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


@dataclass(frozen=True, eq=False)  # one is itself: its first state may be no hashable value
class Aggregate(Generic[S, C]):
    """`decide(state, command) -> events` says what happens; `evolve(state, event) -> state` never refuses."""

    name: str
    initial: S
    decide: Callable[[S, C], Sequence[Event]]
    evolve: Callable[[S, Event], S]

    def stream(self, id: UUID | str) -> str:
        """'application-0192…'"""
        return f"{self.name}-{id}"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A command for one stream."""

    aggregate: Aggregate[Any, Any]
    id: str
    command: Any

    @property
    def stream(self) -> str:
        return self.aggregate.stream(self.id)


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, on whose behalf, and under which key, so that asking twice does it once.

    With a key (an Idempotency-Key scoped to its sender, or the causing event's id) every id made here follows from it;
    without one, ids are fresh.
    """

    metadata: Metadata = field(default_factory=Metadata)
    key: str | None = None

    def id_for(self, purpose: str) -> UUID:
        """UUIDv7; or, under a key, a UUIDv8 of key and purpose (RFC 9562 §5.8): the same again when repeated."""
        if self.key is None:
            return uuid7()
        digest = bytearray(sha256(f"{self.key}\n{purpose}".encode()).digest()[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return UUID(bytes=bytes(digest))

    def event_id(self, number: int) -> UUID:
        """The id of the number-th event this command makes."""
        return self.id_for(f"event {number}")

    def step(self, name: str) -> "Context":
        """The context of one of several commands that a single request leads to."""
        return self if self.key is None else replace(self, key=f"{self.key}\n{name}")
