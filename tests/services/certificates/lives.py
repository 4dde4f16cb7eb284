"""张三's certificate and those who decide on it, for tests of what happens after issue."""

from datetime import UTC, datetime
from uuid import UUID

from services.certificates.domain.certificate_life import CorrectCertificate, ReinstateCertificate, SuspendCertificate
from services.certificates.domain.fact_change import Died, HearOfChange, Moved
from services.certificates.domain.next_version import next_version, next_version_of
from services.certificates.domain.officer import Officer
from services.certificates.domain.reviewer import Reviewer
from services.certificates.domain.revocation import ConfirmRevocation, DeclineRevocation, ProposeRevocation
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from tests.services.certificates.examples import (
    APPLICATION_ID,
    COLLEAGUE,
    COMMITTEE,
    CREDIT_CODE,
    FORM,
    ID_NUMBER,
    MINUTE,
    NOW,
    OTHER_VILLAGE,
    RESIDENCE,
    REVIEWER,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    filled,
)

CERTIFICATE_ID = UUID("0192d000-0000-7000-8000-000000000001")
CAUSE = UUID("0192e000-0000-7000-8000-000000000001")
LATER = NOW + 5 * MINUTE
AFTER_ITS_TERM = datetime(2024, 6, 24, 16, 0, tzinfo=UTC)  # 24:00 of its last day in China

ISSUED = CertificateIssued(
    certificate=CERTIFICATE_ID,
    application=APPLICATION_ID,
    citizen=ZHANG,
    certificate_type="residence",
    identifier="1.2.156.3005.2.11130000MB00001310001.54130123ME000124XW.202312230000000001.001.Y",
    number="202312230000000001",
    issuing_body=COMMITTEE,
    issuing_body_code=CREDIT_CODE,
    division=VILLAGE,
    holder_name="张三",
    holder_code=str(ID_NUMBER),
    content=RESIDENCE.certified(FORM.values),
    valid_from=TODAY,
    valid_to=TODAY.replace(2024, 6),
    issued_at=NOW,
)


def officer(id: UUID, area: str = VILLAGE, *roles: Role, issuing_role: Role = Role.reviewer) -> Officer:
    return Officer(Reviewer(id, area, frozenset(roles or {Role.reviewer})), issuing_role)


CLERK = officer(REVIEWER.id)
SECOND = officer(COLLEAGUE.id, TOWNSHIP)
LEADER = officer(UUID("0192c000-0000-7000-8000-000000000004"), TOWNSHIP, Role.leader)
OUTSIDER = officer(UUID("0192c000-0000-7000-8000-000000000003"), OTHER_VILLAGE)
POLICE = officer(UUID("0192c000-0000-7000-8000-000000000005"), VILLAGE, Role.police_reviewer)

SUSPEND = SuspendCertificate(CLERK, "under_review", "有人反映情况不实，正在核实", LATER)
REINSTATE = ReinstateCertificate(CLERK, "经核实无误", LATER)
PROPOSE = ProposeRevocation(CLERK, "obtained_by_deceit", "房东证明系伪造", LATER)
CONFIRM = ConfirmRevocation(SECOND, LATER)
DECLINE = DeclineRevocation(SECOND, "证据不足", LATER)
CORRECTED_FORM = filled(residence_address="3排13号")
CORRECT = CorrectCertificate(CLERK, CORRECTED_FORM, FORM.values, "门牌号录入有误", LATER)
MOVED_AWAY = HearOfChange(CAUSE, Moved(VILLAGE), {"residence", "identity", "life"}, LATER)
HOLDER_DIED = HearOfChange(CAUSE, Died(), {"residence", "identity", "life"}, LATER)

SECOND_ID = next_version_of(CERTIFICATE_ID)
SECOND_VERSION = next_version(ISSUED, RESIDENCE, CORRECTED_FORM.values, REVIEWER.id, LATER)
