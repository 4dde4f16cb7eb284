"""An approved application that comes to an end without a certificate: its applicant died before it was issued."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.certificates.domain.application_state import Approved, Closed, Open
from shared.contracts.certificates import ApplicationTerminated, TerminationReason
from shared.contracts.event import Event
from shared.standards.text import Text

WHY: Mapping[TerminationReason, Text] = {
    "applicant_died": Text(
        "户籍登记为申请人已死亡，申请终止办理；死亡登记有误且已撤销的，可以重新申请。",
        "The household register says that the applicant has died, so this came to an end; if that was wrong and the "
        "record is withdrawn, he may apply again.",
    )
}


@dataclass(frozen=True, slots=True)
class TerminateApplication:
    """By the department, of what was approved and not issued. Says nothing of any other."""

    reason: TerminationReason
    now: datetime


def terminate(state: Open | Closed, command: TerminateApplication) -> Sequence[Event]:
    if not isinstance(state, Approved):
        return []
    of = state.of
    return [
        ApplicationTerminated(
            application=of.application,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            reason=command.reason,
            reviewed_by=state.reviewed_by,
            terminated_at=command.now,
            guardian=of.guardian_at(command.now),
        )
    ]
