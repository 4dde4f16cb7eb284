"""What certificates (villages, police, health …) says in public. Stored for ever: add optional fields, never rename,
retype or remove."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts.event import Event, Personal
from shared.contracts.feed import Contract, Feed
from shared.standards.text import Text

# certificates.applications: how an application goes. Stream `application-<application id>` ----------


class ApplicationSubmitted(Event):
    """A citizen asked for a certificate; the form is complete and passed the pre-check."""

    application: UUID
    citizen: UUID
    certificate_type: str  # code in the catalogue, 'residence'
    catalogue_version: int
    division: str  # whose reviewers decide
    form: Personal[dict[str, str]]
    expected_by: datetime  # the promise
    submitted_at: datetime


class ApplicationResubmitted(Event):
    """The citizen put right what was marked; the review goes on."""

    application: UUID
    citizen: UUID
    form: Personal[dict[str, str]]
    expected_by: datetime
    resubmitted_at: datetime


class ApplicationSentBack(Event):
    """The reviewer marked fields that are wrong; the citizen may put them right."""

    application: UUID
    citizen: UUID
    certificate_type: str
    wrong_fields: Personal[dict[str, str]]  # field -> what is wrong with it
    reviewer: UUID
    sent_back_at: datetime


class ApplicationRefused(Event):
    """Refused for good, with the reason."""

    application: UUID
    citizen: UUID
    certificate_type: str
    reason: Personal[str]
    reviewer: UUID
    refused_at: datetime


class ApplicationApproved(Event):
    """The reviewer found it right."""

    application: UUID
    citizen: UUID
    certificate_type: str
    reviewer: UUID
    approved_at: datetime


class ApplicationWithdrawn(Event):
    """The citizen no longer wants it."""

    application: UUID
    citizen: UUID
    certificate_type: str
    withdrawn_at: datetime


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
    ),
)
LIFECYCLE = Feed("certificates", "lifecycle", Text(zh="电子证照状态", en="life of certificates"), (CertificateIssued,))

CERTIFICATES = Contract(
    "certificates",
    Text(zh="证照（村居及有关部门）", en="Certificates of villages and departments"),
    (APPLICATIONS, LIFECYCLE),
)
