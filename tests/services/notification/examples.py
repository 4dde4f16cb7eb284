"""Citizens, matters and the events that tell of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationEscalated,
    ApplicationMessageSent,
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
    CertificateExpired,
    CertificateIssued,
    CertificatePrintedAtKiosk,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuperseded,
    CertificateSuspended,
    ReviewStep,
)
from shared.contracts.event import Event, Metadata, Recorded
from shared.contracts.identity import AccountRestored, CitizenRegistered
from shared.contracts.registry import Registry
from shared.standards.phone import MobileNumber

WANG = UUID("0192a000-0000-7000-8000-000000000001")
LI = UUID("0192a000-0000-7000-8000-000000000002")
REVIEWER = UUID("0192a000-0000-7000-8000-0000000000ff")
APPLICATION = UUID("0192b000-0000-7000-8000-000000000001")
CERTIFICATE = UUID("0192c000-0000-7000-8000-000000000001")
TOWNSHIP_LEADER = UUID("0192a000-0000-7000-8000-0000000000fe")
COUNTY_LEADER = UUID("0192a000-0000-7000-8000-0000000000fd")
NOTICE_ID = UUID("0192d000-0000-7000-8000-000000000001")
CAUSE = UUID("0192e000-0000-7000-8000-000000000001")

VILLAGE = "130123100242"
VILLAGE_COMMITTEE = "河北省石家庄市正定县正定镇塔元庄村村民委员会"
IDENTIFIER = "1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y"
NEXT_IDENTIFIER = "1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.002.W"
MORNING = datetime(2023, 12, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai

ACCOUNT_STREAM = f"account-{WANG}"
APPLICATION_STREAM = f"application-{APPLICATION}"
CERTIFICATE_STREAM = f"certificate-{CERTIFICATE}"

REGISTRY = Registry("notification", CONTRACTS)

RESTORED = AccountRestored(citizen=WANG, restored_at=MORNING)
REGISTERED = CitizenRegistered(citizen=WANG, name="王小明", phone=MobileNumber("13800138000"), registered_at=MORNING)
SUBMITTED = ApplicationSubmitted(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    catalogue_version=1,
    division=VILLAGE,
    form={"purpose": "school_entry"},
    expected_by=MORNING + timedelta(minutes=30),
    submitted_at=MORNING,
)
SENT_BACK = ApplicationSentBack(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    wrong_fields={"residence_since": "应为2021年", "landlord": "请填写全名"},
    reviewer=REVIEWER,
    sent_back_at=MORNING + timedelta(minutes=5),
)
REFUSED = ApplicationRefused(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    reason="经核实不在本村居住",
    reviewer=REVIEWER,
    refused_at=MORNING + timedelta(minutes=10),
)
APPROVED = ApplicationApproved(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    reviewer=REVIEWER,
    approved_at=MORNING + timedelta(minutes=10),
)
TERMINATED = ApplicationTerminated(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    reason="applicant_died",
    reviewed_by=(REVIEWER, TOWNSHIP_LEADER),
    terminated_at=MORNING + timedelta(minutes=11),
)
ISSUED = CertificateIssued(
    certificate=CERTIFICATE,
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    number="202312230000000001",
    issuing_body=VILLAGE_COMMITTEE,
    issuing_body_code="54130123ME000124XW",
    division=VILLAGE,
    holder_name="王小明",
    holder_code="130123198503120019",
    content={"village": "河北省石家庄市正定县正定镇塔元庄村"},
    valid_from=date(2023, 12, 23),
    valid_to=date(2024, 6, 22),
    issued_at=MORNING + timedelta(minutes=20),
)

STEP_PASSED = ApplicationStepPassed(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    step=0,
    reviewer=REVIEWER,
    next_step=ReviewStep(division="130123100000", role="reviewer"),
    passed_at=MORNING + timedelta(minutes=6),
)
ASKED = ApplicationMessageSent(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    message=UUID("0192f000-0000-7000-8000-000000000001"),
    sender="staff",
    sent_by=REVIEWER,
    text="请补充房东联系方式",
    sent_at=MORNING + timedelta(minutes=7),
)
ANSWERED = ASKED.model_copy(update={"sender": "citizen", "sent_by": WANG, "text": "房东姓安", "addressed_to": REVIEWER})
ESCALATED = ApplicationEscalated(
    application=APPLICATION,
    citizen=WANG,
    certificate_type="residence",
    level="township",
    division="130123100000",
    told=(TOWNSHIP_LEADER, COUNTY_LEADER),
    overdue_since=MORNING + timedelta(minutes=30),
    escalated_at=MORNING + timedelta(minutes=31),
)
SUSPENDED = CertificateSuspended(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    reason="under_review",
    explanation="正在核实",
    decided_by=REVIEWER,
    suspended_at=MORNING + timedelta(days=1),
)
REINSTATED = CertificateReinstated(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    explanation="经核实无误",
    decided_by=REVIEWER,
    reinstated_at=MORNING + timedelta(days=2),
)
REVOKED = CertificateRevoked(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    reason="obtained_by_deceit",
    explanation="房东证明系伪造",
    proposed_by=REVIEWER,
    decided_by=TOWNSHIP_LEADER,
    revoked_at=MORNING + timedelta(days=3),
)
SUPERSEDED = CertificateSuperseded(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    by=UUID("0192c000-0000-7000-8000-000000000002"),
    by_identifier=NEXT_IDENTIFIER,
    superseded_at=MORNING + timedelta(days=3),
)
EXPIRED = CertificateExpired(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    valid_to=date(2024, 6, 22),
    expired_at=datetime(2024, 6, 22, 16, 0, tzinfo=UTC),
)
PRINTED = CertificatePrintedAtKiosk(
    certificate=CERTIFICATE,
    citizen=WANG,
    certificate_type="residence",
    identifier=IDENTIFIER,
    kiosk=REVIEWER,
    kiosk_name="正定大厅1号终端",
    division="130123000000",
    proof="code",
    printed_at=MORNING,
)


def came(event: Event, stream: str, id: UUID = CAUSE, version: int = 1) -> Recorded:
    """An event as it arrived from another department."""
    return Recorded(id, stream, version, REGISTRY.type_of(type(event)), event, Metadata(), MORNING)
