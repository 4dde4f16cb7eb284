"""A certificate expires when its last day is over: at 24:00 in China, the day itself counts."""

from collections.abc import Iterator

from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_life import ExpireCertificate
from shared.contracts.certificates import CertificateIssued, CertificateRevoked, CertificateSuperseded
from shared.contracts.event import Recorded
from shared.eventstore.aggregate import Instruction
from shared.eventstore.timer import Cancel, DueTimer, Set, TimerRule
from shared.standards.shanghai import end_of

LAST_DAY = "last day"


def schedule(event: Recorded) -> Iterator[Set | Cancel]:
    match event.data:
        case CertificateIssued(valid_to=valid_to) if valid_to:
            yield Set(LAST_DAY, end_of(valid_to))
        case CertificateRevoked() | CertificateSuperseded():
            yield Cancel(LAST_DAY)


def expire(timer: DueTimer) -> Instruction:
    return Instruction(CERTIFICATE, timer.subject_id, ExpireCertificate(timer.now))


EXPIRY = TimerRule("expiry", (CertificateIssued, CertificateRevoked, CertificateSuperseded), schedule, expire)
