"""What every event is, and how it looks once it is stored or received."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.errors import Broken

T = TypeVar("T")


OF_THE_STREAM = ""
"""Instead of a field's name: the person is the one whose stream it is."""

PERSON_FIELDS = ("person", "citizen", "recipient", "applicant", "principal")
"""The first of these that an event has holds the id of the person it is about, unless the event says otherwise."""


@dataclass(frozen=True, slots=True)
class PersonalField:
    """Marks a field that tells something about a person: encrypted, masked and erased by this mark.

    `of`: the event's field with that person's id. None: the person whom the event is about.
    """

    of: str | None = None


_SCHEMA = Field(json_schema_extra={"x-personal": True})

Personal = Annotated[T, PersonalField(), _SCHEMA]
"""`Personal[str]`: a field of personal data (PIPL Art. 4). It never enters a log line."""

PersonalOfAgent = Annotated[T, PersonalField("agent"), _SCHEMA]
"""About the person whom the event names as its `agent`."""

PersonalOfHouseholder = Annotated[T, PersonalField("householder"), _SCHEMA]


class Event(BaseModel):
    """A fact, in the past tense. Stored for ever: add optional fields, never rename, retype or remove one.

    A new meaning is a new event. `schema_version` rises when an upcast is needed to read older ones.
    Written strictly (an unknown field is an error), read tolerantly (`Registry.decode`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    schema_version: ClassVar[int] = 1
    person_field: ClassVar[str | None] = None
    """The field with the id of the person whom it is about, or OF_THE_STREAM. None: see PERSON_FIELDS."""

    @classmethod
    def personal_fields(cls) -> frozenset[str]:
        """Names of the fields marked `Personal`."""
        return frozenset(_marks(cls))

    @classmethod
    def person_fields(cls) -> Mapping[str, str]:
        """For each personal field the one that holds the id of the person it tells something about.

        Raises Broken when the event does not say whose a personal field is.
        """
        own = cls.own_person_field()
        whose = {}
        for name, mark in _marks(cls).items():
            of = own if mark.of is None else mark.of
            if of is None or (of != OF_THE_STREAM and of not in cls.model_fields):
                raise Broken(f"{cls.__name__} does not say whose its field {name} is")
            whose[name] = of
        return whose

    @classmethod
    def own_person_field(cls) -> str | None:
        """The field with the id of the person whom it is about, or OF_THE_STREAM. None: it does not say."""
        if cls.person_field is not None:
            return cls.person_field
        return next((name for name in PERSON_FIELDS if name in cls.model_fields), None)


def _marks(event: type[Event]) -> Mapping[str, PersonalField]:
    return {
        name: mark
        for name, field in event.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, PersonalField)
    }


class Unread(Event):
    """Stands for the data of an event that only a newer release can read. Never stored: the bytes are."""


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
