"""What certificates (villages, police, health …) says in public. Stored for ever: add optional fields, never rename,
retype or remove."""

from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting, Words
from shared.contracts.erasure import PersonErased, PersonKept
from shared.contracts.event import Event, Personal, PersonalOfAgent
from shared.contracts.feed import Contract, Feed
from shared.contracts.seals import SEALS
from shared.standards.legal_clock import LegalClock
from shared.standards.text import Text

Channel = Literal["app", "window", "kiosk", "helper"]


class ReviewStep(BaseModel):
    """One review of an application's chain: whoever holds `role` in `division` decides."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    division: str
    role: str  # a word of identity's Role


class Assistance(BaseModel):
    """Who applies for somebody else, and by what right (帮代办、监护)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    relation: str  # 'guardian', 'mandate'
    name: str
    id_number: str
    mandate: str | None = None  # SHA-256 of the mandate's file, 64 hexadecimal digits


# certificates.applications: how an application goes. Stream `application-<application id>`


class ApplicationSubmitted(Event):
    """A citizen asked for a certificate; the form is complete and passed the pre-check.

    Schema 2 knows of a promise that is pending; data of schema 1 are data of schema 2.
    """

    schema_version: ClassVar[int] = 2

    application: UUID
    citizen: UUID
    certificate_type: str  # code in the catalogue, 'residence'
    catalogue_version: int
    division: str  # whose reviewers decide
    form: Personal[dict[str, str]]
    expected_by: datetime | None  # the promise; None: the calendar is not published
    submitted_at: datetime
    channel: Channel = "app"
    submitted_by: UUID | None = None  # the member of staff at window, kiosk or as helper; None: the citizen himself
    assistance: Personal[Assistance | None] = None
    evidence: Personal[dict[str, str]] = Field(
        default_factory=dict
    )  # kind of evidence in the catalogue -> SHA-256 of the file
    chain: tuple[ReviewStep, ...] = ()  # who reviews, in order; empty: reviewers of `division`
    guardian: UUID | None = None  # who applies on line for his ward, and is told beside him
    guardian_until: date | None = None  # the day on which the ward is of age
    pending: LegalClock | None = None  # what `expected_by` will follow from, while the calendar is not published
    mandate: UUID | None = None  # under which it was done for the citizen
    agent: UUID | None = None  # who did it under the mandate
    agent_name: PersonalOfAgent[str | None] = None
    issuing_body: str | None = None  # credit code of the body that was chosen; None: it follows from `division`
    replaces: UUID | None = None  # the certificate that what is issued takes the place of


class ApplicationClaimed(Event):
    """A reviewer took it on; others leave it to him until he lets it go or decides."""

    application: UUID
    reviewer: UUID
    claimed_at: datetime


class ApplicationReleased(Event):
    """The reviewer, or a leader for him, let it go: anyone of the step may decide."""

    application: UUID
    released_by: UUID
    released_at: datetime
    has_lapsed: bool = False  # nobody let it go: he who is named held it for too long


class ApplicationStepPassed(Event):
    """One review of the chain found it right; the next one goes on."""

    application: UUID
    citizen: UUID
    certificate_type: str
    step: int  # from 0
    reviewer: UUID
    next_step: ReviewStep
    passed_at: datetime
    escalates_at: datetime | None = None  # unless decided by then
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class ApplicationMessageSent(Event):
    """Applicant and reviewers talk; it stays with the case."""

    application: UUID
    citizen: UUID
    certificate_type: str
    message: UUID
    sender: Literal["citizen", "staff"]
    sent_by: UUID
    text: Personal[str]
    sent_at: datetime
    addressed_to: UUID | None = None  # the member of staff who has the case; None: nobody yet, or it is to the citizen
    guardian: UUID | None = None  # who acts for the citizen and is told beside him
    mandate: UUID | None = None  # under which it was done for the citizen
    agent: UUID | None = None  # who did it under the mandate
    agent_name: PersonalOfAgent[str | None] = None


class ApplicationEscalated(Event):
    """The clock ran out and nobody had decided: the named people of the next level are told, and may decide."""

    application: UUID
    citizen: UUID
    certificate_type: str
    level: Literal["township", "county", "city"]
    division: str
    told: tuple[UUID, ...]  # staff; empty when nobody is appointed there
    overdue_since: datetime
    escalated_at: datetime
    escalates_at: datetime | None = None  # to the next level unless decided by then; None: there is none
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class ApplicationResubmitted(Event):
    """The citizen put right what was marked; the review goes on.

    Schema 2 knows of a promise that is pending; data of schema 1 are data of schema 2.
    """

    schema_version: ClassVar[int] = 2

    application: UUID
    citizen: UUID
    form: Personal[dict[str, str]]
    expected_by: datetime | None  # None: the calendar is not published
    resubmitted_at: datetime
    evidence: Personal[dict[str, str]] = Field(default_factory=dict)  # as it is now
    pending: LegalClock | None = None  # what `expected_by` will follow from, while the calendar is not published
    certificate_type: str | None = None  # None: as when it was submitted
    mandate: UUID | None = None  # under which it was done for the citizen
    agent: UUID | None = None  # who did it under the mandate
    agent_name: PersonalOfAgent[str | None] = None


class ApplicationSentBack(Event):
    """The reviewer marked fields that are wrong; the citizen may put them right."""

    application: UUID
    citizen: UUID
    certificate_type: str
    wrong_fields: Personal[dict[str, str]]  # field -> what is wrong with it
    reviewer: UUID
    sent_back_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class ApplicationRefused(Event):
    """Refused for good, with the reason."""

    application: UUID
    citizen: UUID
    certificate_type: str
    reason: Personal[str]
    reviewer: UUID
    refused_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him
    provisions: tuple[str, ...] = ()  # it relies on
    remedy: Words | None = None  # the way of review
    has_notice: bool = False  # a notice of its own follows, signed and sealed


class ApplicationApproved(Event):
    """The reviewer found it right, and where the chain ends with a leader, he signed it."""

    application: UUID
    citizen: UUID
    certificate_type: str
    reviewer: UUID  # the last one before the leader, if there is one
    approved_at: datetime
    leader: UUID | None = None


class ApplicationWithdrawn(Event):
    """The citizen no longer wants it."""

    application: UUID
    citizen: UUID
    certificate_type: str
    withdrawn_at: datetime
    mandate: UUID | None = None  # under which it was done for the citizen
    agent: UUID | None = None  # who did it under the mandate
    agent_name: PersonalOfAgent[str | None] = None


TerminationReason = Literal["applicant_died", "entry_annulled", "fact_changed"]


class ApplicationTerminated(Event):
    """It comes to an end without a certificate (终止办理), whether it was approved or still open.

    Schema 2 knows more reasons than schema 1, and an explanation; data of schema 1 are data of schema 2.
    """

    schema_version: ClassVar[int] = 2

    application: UUID
    citizen: UUID
    certificate_type: str
    reason: TerminationReason
    reviewed_by: tuple[UUID, ...]  # staff, in their order
    terminated_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him
    explanation: str | None = None


# certificates.lifecycle: the certificates themselves. Stream `certificate-<certificate id>` ---------


class CertificateIssued(Event):
    """A certificate holds from now on. Metadata named by GB/T 36903."""

    certificate: UUID
    application: UUID
    citizen: UUID
    certificate_type: str
    identifier: str  # GB/T 36904, dotted form
    number: str  # 证照编号
    issuing_body: str  # full legal name
    issuing_body_code: str  # GB 32100
    division: str
    holder_name: Personal[str]
    holder_code: Personal[str]  # citizen ID (holder type 111)
    content: Personal[dict[str, str]]  # what it certifies
    valid_from: date
    valid_to: date | None
    issued_at: datetime
    catalogue_version: int | None = None
    version: int = 1  # of this certificate; a correction is the next one
    replaces: UUID | None = None  # the certificate it takes the place of
    replaces_identifier: str | None = None
    holder_type: str = "111"  # GB/T 36903: citizen ID
    reviewer: UUID | None = None
    signature: UUID | None = None  # the reviewer's registered signature
    seal: UUID | None = None  # the body's registered seal
    document: str | None = None  # SHA-256 of the PDF, 64 hexadecimal digits
    sm2_seal: str | None = None  # SM2 with SM3 over the PDF, base64; see the seal for its public key
    status_list: int | None = None  # IETF Token Status List: which list, and which entry of it
    status_index: int | None = None
    guardian: UUID | None = None  # who acts for the citizen and is told beside him
    guardian_until: date | None = None  # the day on which the holder is of age
    countersigning_body: str | None = None  # a second body, that checked it and sealed after the first
    countersigning_body_code: str | None = None  # GB 32100
    counter_reviewer: UUID | None = None
    counter_signature: UUID | None = None
    counter_seal: UUID | None = None


RevocationReason = Literal["fact_changed", "obtained_by_deceit", "issued_in_error", "holder_asked", "holder_died"]
RevokedFor = Literal[
    "fact_changed",
    "obtained_by_deceit",
    "issued_in_error",
    "holder_asked",
    "holder_died",
    "entry_annulled",
    "case_stopped",
]
SuspensionReason = Literal["under_review", "fact_changed", "holder_asked", "holder_died"]


class CertificateSuspended(Event):
    """It does not hold for now.

    Schema 2 knows one more reason than schema 1; its data are the same.
    """

    schema_version: ClassVar[int] = 2

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    reason: SuspensionReason
    explanation: Personal[str]  # to the holder
    cause: UUID | None = None  # another department's event that changed the fact it rests on
    decided_by: UUID | None = None  # staff; None: it followed from `cause`
    suspended_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him
    differs: tuple[str, ...] = ()  # fields that say what the register no longer says; it holds again once they agree


class CertificateReinstated(Event):
    """It holds again.

    Schema 2 knows of reinstating without an officer's decision; data of schema 1 are data of schema 2.
    """

    schema_version: ClassVar[int] = 2

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    explanation: Personal[str]
    decided_by: UUID | None  # staff; None: it followed from `cause`
    reinstated_at: datetime
    cause: UUID | None = None  # another department's event that withdrew what it was suspended for
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class CertificateRevoked(Event):
    """It holds no more, for ever. One proposed, another decided; or it followed from `cause`.

    Schema 2 knows one more reason than schema 1, schema 3 another (`case_stopped`); their data are the same.
    """

    schema_version: ClassVar[int] = 3

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    reason: RevokedFor
    explanation: Personal[str]
    cause: UUID | None = None
    proposed_by: UUID | None = None
    decided_by: UUID | None = None
    revoked_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class CertificateSuperseded(Event):
    """A corrected or newer certificate took its place."""

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    by: UUID
    by_identifier: str
    superseded_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class CertificateExpired(Event):
    """Its last day is over."""

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    valid_to: date
    expired_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


class CertificatePrintedAtKiosk(Event):
    """Whoever proved to be its holder printed it at a self-service machine. Stream `printing-<certificate id>`."""

    certificate: UUID
    citizen: UUID
    certificate_type: str
    identifier: str
    kiosk: UUID  # staff id of the machine
    kiosk_name: str | None  # as appointed
    division: str | None  # where it stands
    proof: Literal["code", "card"]
    printed_at: datetime
    guardian: UUID | None = None  # who acts for the citizen and is told beside him


# certificates.case_items: what the issuing bodies answer cases. Stream `item-<case id>-<item>` -------


class CertificatesItemWaiting(ItemWaiting):
    """An issuing body took an item on and waits for something."""


class CertificatesItemDone(ItemDone):
    """An issuing body did an item."""


class CertificatesItemRefused(ItemRefused):
    """An issuing body did not do an item."""


class CertificatesItemUndone(ItemUndone):
    """An issuing body was told that an item is no longer wanted."""


# certificates.erasures: what becomes of a person's data here. Stream `erasure-<person id>`


class CertificatesErased(PersonErased):
    """The issuing bodies erased what it had recorded about a person."""


class CertificatesKept(PersonKept):
    """The issuing bodies keeps what it recorded about a person, by law."""


APPLICATIONS = Feed(
    "certificates",
    "applications",
    Text(zh="证明申请进度", en="progress of applications"),
    (
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationSentBack,
        ApplicationRefused,
        ApplicationApproved,
        ApplicationWithdrawn,
        ApplicationTerminated,
        ApplicationClaimed,
        ApplicationReleased,
        ApplicationStepPassed,
        ApplicationMessageSent,
        ApplicationEscalated,
    ),
)
LIFECYCLE = Feed(
    "certificates",
    "lifecycle",
    Text(zh="电子证照状态", en="life of certificates"),
    (
        CertificateIssued,
        CertificateSuspended,
        CertificateReinstated,
        CertificateRevoked,
        CertificateSuperseded,
        CertificateExpired,
        CertificatePrintedAtKiosk,
    ),
)
CASE_ITEMS = Feed(
    "certificates",
    "case_items",
    Text(zh="证照部门对一件事事项的答复", en="answers of the issuing bodies to cases"),
    (CertificatesItemWaiting, CertificatesItemDone, CertificatesItemRefused, CertificatesItemUndone),
)

ERASURES = Feed(
    "certificates",
    "erasures",
    Text(zh="证照部门对个人信息删除请求的答复", en="answers to requests for erasure"),
    (CertificatesErased, CertificatesKept),
)

CERTIFICATES = Contract(
    "certificates",
    Text(zh="证照（村居及有关部门）", en="Certificates of villages and departments"),
    (APPLICATIONS, LIFECYCLE, SEALS, CASE_ITEMS, ERASURES),
    upcasts=MappingProxyType(
        {
            (ApplicationSubmitted, 1): lambda data: data,
            (ApplicationResubmitted, 1): lambda data: data,
            (CertificateSuspended, 1): lambda data: data,
            (CertificateReinstated, 1): lambda data: data,
            (CertificateRevoked, 1): lambda data: data,
            (CertificateRevoked, 2): lambda data: data,
            (ApplicationTerminated, 1): lambda data: data,
        }
    ),
)
