"""What every event is, and how it looks once it is stored or received."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class PersonalField:
    """Marks a field that tells something about a person: encrypted, masked and erased by this mark."""


Personal = Annotated[T, PersonalField(), Field(json_schema_extra={"x-personal": True})]
"""`Personal[str]`: a field of personal data (PIPL Art. 4). It never enters a log line."""


class Event(BaseModel):
    """A fact, in the past tense. Stored for ever: add optional fields, never rename, retype or remove one.

    A new meaning is a new event. `schema_version` rises when an upcast is needed to read older ones.
    Written strictly (an unknown field is an error), read tolerantly (`Registry.decode`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    schema_version: ClassVar[int] = 1

    @classmethod
    def personal_fields(cls) -> frozenset[str]:
        """Names of the fields marked `Personal`."""
        return frozenset(
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(mark, PersonalField) for mark in field.metadata)
        )


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an event's making. Ids only, never personal data."""

    actor: str | None = None  # who decided: 'citizen:<id>', 'staff:<id>', 'department:<name>'
    correlation_id: str | None = None  # the whole story this belongs to
    causation_id: str | None = None  # the event that made us decide
    traceparent: str | None = None  # W3C Trace Context
    request: str | None = None  # SHA-256 of the request an Idempotency-Key stood for


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place: in its stream, and (once public and numbered) in its feed."""

    id: UUID
    stream: str
    version: int
    type: str  # 'identity.PersonMoved'
    data: Event
    metadata: Metadata
    recorded_at: datetime
    feed: str | None = None  # 'local.identity.people'; None for private or not yet numbered
    sequence: int | None = None

    @property
    def subject_id(self) -> str:
        """The aggregate's own id: the stream name without its kind ('application-0192…' -> '0192…')."""
        return self.stream.partition("-")[2]


Json = dict[str, Any]
