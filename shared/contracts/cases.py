"""What cases (the service bureau) says in public: one-thing cases (一件事) and what they ask of departments.

Stored for ever: add optional fields at the end, never rename, retype or remove.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.case_items import ItemRequested, ItemWithdrawn, Words
from shared.contracts.erasure import PersonErased, PersonKept
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


class Handling(BaseModel):
    """How an item is treated beside its plan."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    unanswered_after_hours: int = 72  # asked so long ago and not heard of: it is stuck, and people see it
    when_changed: Literal["stays", "redo", "fixed"] = "stays"  # once done, and the form it rests on is corrected
    keeps_subject: bool = False  # once done, the same cannot be handed in again
    undo_others_on: tuple[str, ...] = ()  # codes of a final refusal after which nothing of the case may stay


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
    way: str | None = None  # of a definition that has several
    persons: dict[str, UUID] = Field(default_factory=dict)  # whom it is about, by role; the facts come from them
    facts: Personal[dict[str, str]] = Field(default_factory=dict)  # that follow from the form: 'hospital.issuer'
    typed: tuple[str, ...] = ()  # fields that the applicant wrote and may correct when asked
    number: int = 0  # how many of the same ended before
    as_told: dict[str, int] = Field(default_factory=dict)  # person id -> number of the last event heard of them
    draft: UUID | None = None  # that it was written from
    handling: dict[str, Handling] = Field(default_factory=dict)  # by item


class CaseConsentGiven(Event):
    """He agreed, from his own account."""

    case: UUID
    role: str
    person: UUID
    given_at: datetime
    recorded_by: UUID | None = None  # staff, who saw the person and their ID card; None: from the person's own account
    recorded_at_counter: str | None = None  # the counter's division, 12 digits


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
    waits_for: Personal[Words]
    since: datetime
    fields: Personal[dict[str, Words]] = Field(default_factory=dict)  # of the form, that are to be corrected
    on_its_way: bool = False
    applicant: UUID | None = None


class CaseItemStuck(Event):
    """An item was asked for and nothing came: the family and the bureau see it, and the bureau can act."""

    case: UUID
    applicant: UUID
    item: str
    name: Words
    since: datetime
    stuck_at: datetime


class CaseItemFinished(Event):
    """An item came to its end, or what was done was undone."""

    case: UUID
    applicant: UUID
    item: str
    name: Words
    outcome: Outcome
    reason: Personal[Words | None] = None
    results: Personal[dict[str, str]] = Field(default_factory=dict)
    may_retry: bool = False
    finished_at: datetime
    fields: Personal[dict[str, Words]] = Field(default_factory=dict)  # of the form, that were wrong


class CaseSupplementAsked(Event):
    """The citizen must supplement; the clock stands still."""

    case: UUID
    applicant: UUID
    what: Personal[str]
    clock: LegalClock
    asked_by: UUID
    asked_at: datetime
    fields: tuple[str, ...] = ()  # of the form, that may be corrected


class CaseCorrectionNeeded(Event):
    """A department sent fields of the form back, or a rule does not hold any more; the clock stands still."""

    case: UUID
    applicant: UUID
    item: str | None  # whose department sent it back; None: by the rules as they are told
    fields: Personal[dict[str, Words]]  # field -> what is wrong with it
    clock: LegalClock
    needed_at: datetime


class CaseSupplemented(Event):
    """What was asked for has come; the clock goes on."""

    case: UUID
    answer: Personal[str]
    clock: LegalClock
    expected_by: datetime | None
    supplemented_at: datetime
    items_due_by: dict[str, datetime] = Field(default_factory=dict)  # those in progress; their clocks stood still too
    items_pending: dict[str, LegalClock] = Field(default_factory=dict)  # those whose calendar is not published
    form: Personal[dict[str, str] | None] = None  # as it is from now on; None: as it was
    facts: Personal[dict[str, str] | None] = None  # that follow from it
    changed: tuple[str, ...] = ()  # its fields that are new
    consents_renewed: tuple[str, ...] = ()  # roles whose consent rested on these, and is wanted again
    division: str | None = None  # whose people are told when it takes too long; None: as it was
    again: tuple[str, ...] = ()  # items that are asked for anew
    by: UUID | None = None  # who answered
    recorded_by: UUID | None = None  # staff, who saw the person and their ID card
    ask_again: tuple[UUID, ...] = ()  # whose consent is renewed
    applicant: UUID | None = None


class CaseFactsChanged(Event):
    """The register says something else now: the form follows. What it said before stands in the events before."""

    case: UUID
    applicant: UUID
    form: Personal[dict[str, str]]
    facts: Personal[dict[str, str]] = Field(default_factory=dict)
    changed: tuple[str, ...]  # fields of the form
    again: tuple[str, ...] = ()  # items in progress that are asked for anew
    rests_on_it: tuple[str, ...] = ()  # items that are done; their departments follow the register themselves
    division: str | None = None
    changed_at: datetime


class CaseWentOn(Event):
    """All that was asked for is there, and all have agreed again: the clock goes on."""

    case: UUID
    applicant: UUID
    clock: LegalClock
    expected_by: datetime | None
    items_due_by: dict[str, datetime] = Field(default_factory=dict)
    items_pending: dict[str, LegalClock] = Field(default_factory=dict)
    went_on_at: datetime


class CasePersonLost(Event):
    """Somebody the case is about died, or their entry was annulled. `then`: what becomes of the case."""

    case: UUID
    applicant: UUID
    role: str  # 'mother', 'child'
    person: UUID
    why: Literal["died", "annulled"]
    then: Literal["go_on", "stop", "skip_rest"]
    words: Words  # what the family is told, and which office helps
    tell: tuple[UUID, ...]  # those of the family who are left
    lost_at: datetime


class CasePersonBack(Event):
    """The record of the death was wrong: the person lives."""

    case: UUID
    role: str
    person: UUID
    back_at: datetime


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
    because: str | None = None  # as the definition names it: 'stillborn'
    words: Words | None = None  # what is told of it, and which office helps
    recorded_by: UUID | None = None  # staff, who saw the person and their ID card
    papers_stay: bool = False  # what is done is not undone, whatever its plan says


class CaseStoppedByBureau(Event):
    """The bureau ended it, with its reason: nobody is left to go on with it, or it cannot be done."""

    case: UUID
    applicant: UUID
    reason: Personal[str]
    by: UUID  # staff
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
    may_apply_again: bool = False  # the same may be handed in anew
    tell: tuple[UUID, ...] = ()  # where the applicant is gone: who is left
    is_told: bool = False  # the family was told, in words for what happened to it


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


# cases.erasures: what becomes of a person's data here. Stream `erasure-<person id>`


class CasesErased(PersonErased):
    """The service bureau erased what it had recorded about a person."""


class CasesKept(PersonKept):
    """The service bureau keeps what it recorded about a person, by law."""


PROGRESS = Feed(
    "cases",
    "progress",
    Text(zh="一件事办理进度", en="progress of one-thing cases"),
    (
        CaseOpened,
        CaseConsentGiven,
        CaseStarted,
        CaseItemHeld,
        CaseItemStuck,
        CaseItemFinished,
        CaseSupplementAsked,
        CaseCorrectionNeeded,
        CaseSupplemented,
        CaseFactsChanged,
        CaseWentOn,
        CasePersonLost,
        CasePersonBack,
        CaseEscalated,
        CaseStopped,
        CaseStoppedByBureau,
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

ERASURES = Feed(
    "cases",
    "erasures",
    Text(zh="政务服务局对个人信息删除请求的答复", en="answers to requests for erasure"),
    (CasesErased, CasesKept),
)

CASES = Contract(
    "cases",
    Text(zh="政务服务局（一件事）", en="Service bureau: one-thing cases"),
    (PROGRESS, FOR_IDENTITY, FOR_CERTIFICATES, FOR_INSURANCE, ERASURES),
)
