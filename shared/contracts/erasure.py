"""A department's answers when the data of a person are to be erased: the shapes that all departments share.

Identity asks in `identity.erasures`; each department answers in a feed of its own. Each names its own classes of these
shapes, so that each type belongs to one feed. Stored for ever: add optional fields at the end, never rename, retype or
remove.
"""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.case_items import Words
from shared.contracts.event import Event


class Reason(BaseModel):
    """One thing that keeps a person's data, as it stood when the department looked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rule: str  # of the department's retention rules, 'certificate_in_force'
    keeps: Words
    basis: Words
    until: date | None = None  # its last day; None: nobody can tell yet


class PersonErased(Event):
    """The department erased what it had recorded about a person: nobody can read it any more, here or elsewhere.

    What other departments told about the person goes when they erase it.
    """

    person: UUID
    request: UUID
    also: tuple[str, ...] = ()  # ids of other owners of personal fields, which went with the person
    erased_at: datetime


class PersonKept(Event):
    """The law keeps what the department recorded about a person; `reasons` says what does, and how long."""

    person: UUID
    request: UUID
    reasons: tuple[Reason, ...]
    look_again_at: datetime
    kept_at: datetime


class ErasureTaken(Event):
    """The department heard that a person's data are to be erased. Private, stream `erasure-<person id>`."""

    person: UUID
    request: UUID
    asked_at: datetime


class ErasureLookDue(Event):
    """The reason for keeping a person's data may have ended: the department looks again. Private."""

    person: UUID
    request: UUID
    due_at: datetime
