"""What cases (the service bureau) says in public: one-thing cases (一件事) and what they ask of departments.

Stored for ever: add optional fields at the end, never rename, retype or remove.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.event import Event, Personal
from shared.contracts.feed import Contract, Feed
from shared.standards.legal_clock import LegalClock
from shared.standards.text import Text

CaseChannel = Literal["app", "window", "hospital", "intake"]
Outcome = Literal["done", "refused", "undone", "left", "skipped"]


class PlannedItem(BaseModel):
    """One item as its definition said when the case began; the case keeps it whatever later versions say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    name: Words
    department: str
    action: str
    parameters: dict[str, str] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)  # as the department calls it -> 'form.x' | 'item.code.result'
    needs: tuple[str, ...] = ()  # items that must be done before
    makes: tuple[str, ...] = ()  # results it brings
    promise_days: int  # working days from its request
    when_refused: Literal["others_stay", "undo_others"] = "others_stay"
    when_stopped: Literal["stays", "undo"] = "stays"  # what becomes of it, once done, when the case is stopped


class ConsentNeeded(BaseModel):
    """Whose agreement the case waits for, from his own account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str  # 'father'
    person: UUID


class Effort(BaseModel):
    """What it takes of a citizen."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    forms: int
    visits: int
    materials: int


# cases.progress: how a case goes. Stream `case-<case id>`


class CaseOpened(Event):
    """One form came in and passed the pre-check."""

    case: UUID
    definition: str  # 'birth'
    definition_version: int
    applicant: UUID
    channel: CaseChannel
    taken_in_by: UUID | None  # staff; None: the applicant himself
    division: str  # whose people are told when it takes too long
    form: Personal[dict[str, str]]
    plan: tuple[PlannedItem, ...]
    promise_days: int  # working days for the whole
    consents: tuple[ConsentNeeded, ...]
    effort: Effort
    effort_separately: Effort  # what the items would have asked one by one
    opened_at: datetime
    taken_in_at: str | None = None  # the division of the counter that handed it in, 12 digits


class CaseConsentGiven(Event):
    """He agreed, from his own account."""

    case: UUID
    role: str
    person: UUID
    given_at: datetime


class CaseStarted(Event):
    """All have agreed; the clock runs and the items begin."""

    case: UUID
    applicant: UUID
    definition: str
    clock: LegalClock
    expected_by: datetime | None  # None: the calendar is not published
    started_at: datetime


class CaseItemHeld(Event):
    """A department took an item on and waits for something."""

    case: UUID
    item: str
    waits_for: Words
    since: datetime


class CaseItemFinished(Event):
    """An item came to its end, or what was done was undone."""

    case: UUID
    applicant: UUID
    item: str
    name: Words
    outcome: Outcome
    reason: Words | None = None
    results: Personal[dict[str, str]] = Field(default_factory=dict)
    may_retry: bool = False
    finished_at: datetime


class CaseSupplementAsked(Event):
    """The citizen must supplement; the clock stands still."""

    case: UUID
    applicant: UUID
    what: Personal[str]
    clock: LegalClock
    asked_by: UUID
    asked_at: datetime


class CaseSupplemented(Event):
    """What was asked for has come; the clock goes on."""

    case: UUID
    answer: Personal[str]
    clock: LegalClock
    expected_by: datetime | None
    supplemented_at: datetime
    items_due_by: dict[str, datetime] = Field(default_factory=dict)  # those in progress; their clocks stood still too
    items_pending: dict[str, LegalClock] = Field(default_factory=dict)  # those whose calendar is not published


class CaseEscalated(Event):
    """An item, or the whole (`item` None), is overdue: these people are told by name."""

    case: UUID
    item: str | None
    level: Literal["township", "county", "city"]
    division: str
    told: tuple[UUID, ...]
    overdue_since: datetime
    escalated_at: datetime
    applicant: UUID | None = None  # he is told too that the promise is not kept
    definition: str | None = None
    expected_by: datetime | None = None  # by when this level is to have it done; None: the calendar is not published


class CaseStopped(Event):
    """It goes no further: consent or the application was withdrawn."""

    case: UUID
    applicant: UUID
    reason: Literal["consent_withdrawn", "withdrawn"]
    by: UUID
    stopped_at: datetime


class CaseClosed(Event):
    """Nothing is left to do."""

    case: UUID
    applicant: UUID
    definition: str
    outcome: Literal["completed", "partly", "stopped"]
    done: tuple[str, ...]
    not_done: tuple[str, ...]
    closed_at: datetime


# cases.for_<department>: what a case asks of one department, and only it may read. Stream `case-<case id>`


class IdentityItemRequested(ItemRequested):
    """Public security is asked for an item."""


class IdentityItemWithdrawn(ItemWithdrawn):
    """Public security need not do it, or is to undo it."""


class CertificatesItemRequested(ItemRequested):
    """The issuing bodies are asked for an item."""


class CertificatesItemWithdrawn(ItemWithdrawn):
    """The issuing bodies need not do it, or are to undo it."""


class InsuranceItemRequested(ItemRequested):
    """Medical insurance is asked for an item."""


class InsuranceItemWithdrawn(ItemWithdrawn):
    """Medical insurance need not do it, or is to undo it."""


PROGRESS = Feed(
    "cases",
    "progress",
    Text(zh="一件事办理进度", en="progress of one-thing cases"),
    (
        CaseOpened,
        CaseConsentGiven,
        CaseStarted,
        CaseItemHeld,
        CaseItemFinished,
        CaseSupplementAsked,
        CaseSupplemented,
        CaseEscalated,
        CaseStopped,
        CaseClosed,
    ),
)
FOR_IDENTITY = Feed(
    "cases",
    "for_identity",
    Text(zh="一件事转公安事项", en="items asked of public security"),
    (IdentityItemRequested, IdentityItemWithdrawn),
)
FOR_CERTIFICATES = Feed(
    "cases",
    "for_certificates",
    Text(zh="一件事转证照事项", en="items asked of the issuing bodies"),
    (CertificatesItemRequested, CertificatesItemWithdrawn),
)
FOR_INSURANCE = Feed(
    "cases",
    "for_insurance",
    Text(zh="一件事转医保事项", en="items asked of medical insurance"),
    (InsuranceItemRequested, InsuranceItemWithdrawn),
)

CASES = Contract(
    "cases",
    Text(zh="政务服务局（一件事）", en="Service bureau: one-thing cases"),
    (PROGRESS, FOR_IDENTITY, FOR_CERTIFICATES, FOR_INSURANCE),
)
