"""What a case asks of a department, and what the department answers: the shapes that every such pair of feeds shares.

A case asks in a feed that only the asked department may read (`cases.for_identity`); the department answers in its own
(`identity.case_items`). Each department names its own classes of these shapes, so that each type belongs to one feed.
Stored for ever: add optional fields at the end, never rename, retype or remove.
"""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.event import Event, Personal
from shared.standards.legal_clock import LegalClock


class Words(BaseModel):
    """One sentence for people."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    zh: str
    en: str


class ItemRequested(Event):
    """Please do this. After a refusal that allows it, again with a higher `attempt`; never done twice."""

    case: UUID
    item: str  # code in the case's definition, 'household_entry'
    action: str  # what is to be done, in the asked department's words: 'enter_birth', 'issue_certificate'
    parameters: dict[str, str] = Field(default_factory=dict)  # of the definition: {'certificate_type': 'vaccination'}
    inputs: Personal[dict[str, str]] = Field(default_factory=dict)  # from the form and from what other items made
    applicant: UUID  # the citizen whose case it is
    definition: str  # 'birth'
    definition_version: int
    attempt: int = 1
    due_by: datetime | None = None  # None: its calendar is not published, or the clock stands still
    requested_at: datetime
    pending: LegalClock | None = None  # what due_by will follow from, once its calendar is published
    unanswered_after_hours: int = 72  # without an answer by then people look into it


class ItemWithdrawn(Event):
    """No longer wanted. `undo`: what was done is to be undone, as far as the department's rules allow."""

    case: UUID
    item: str
    action: str
    undo: bool
    reason: Words
    withdrawn_at: datetime


class ItemWaiting(Event):
    """Taken on; it waits for this person or thing. `fields`: inputs that are to be corrected, and what is wrong."""

    case: UUID
    item: str
    waits_for: Personal[Words]
    since: datetime
    fields: Personal[dict[str, Words]] = Field(default_factory=dict)
    on_its_way: bool = False  # it comes by itself, or an end is put to it: nobody has to do anything
    applicant: UUID | None = None


class ItemDone(Event):
    """Done. `results` are inputs of later items: {'child_id_number': …}."""

    case: UUID
    item: str
    attempt: int = 1
    results: Personal[dict[str, str]] = Field(default_factory=dict)
    done_at: datetime
    applicant: UUID | None = None


class ItemRefused(Event):
    """Not done, and why. `may_retry`: it may succeed once the reason is gone. `fields`: inputs that are wrong."""

    case: UUID
    item: str
    attempt: int = 1
    code: str
    reason: Personal[Words]
    may_retry: bool = False
    refused_at: datetime
    fields: Personal[dict[str, Words]] = Field(default_factory=dict)
    applicant: UUID | None = None


class ItemUndone(Event):
    """What was done has been undone; or not: then `left` says what stays, and why."""

    case: UUID
    item: str
    left: Personal[Words | None] = None
    undone_at: datetime
    applicant: UUID | None = None


# What an asked department keeps to itself. Stream `item-<case id>-<item>`


class ItemTaken(Event):
    """The request lies on this department's desk."""

    case: UUID
    item: str
    action: str
    parameters: dict[str, str] = Field(default_factory=dict)
    inputs: Personal[dict[str, str]] = Field(default_factory=dict)
    applicant: UUID
    definition: str
    attempt: int
    due_by: datetime | None
    requested_at: datetime


class ItemWithdrawalTaken(Event):
    """It is no longer wanted; what was done of it is being looked at."""

    case: UUID
    item: str
    undo: bool
    reason: Words
    withdrawn_at: datetime
