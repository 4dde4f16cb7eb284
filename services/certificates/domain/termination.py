"""An application that comes to an end without a certificate, because of what the register tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.certificates.domain.application_state import Approved, Closed, InReview, Open, SentBack
from shared.contracts.certificates import ApplicationTerminated, TerminationReason
from shared.contracts.event import Event
from shared.standards.text import Text

WHY: Mapping[TerminationReason, Text] = {
    "applicant_died": Text(
        "户籍登记为申请人已死亡，申请终止办理；死亡登记有误且已撤销的，可以重新申请。",
        "The household register says that the applicant has died, so this came to an end; if that was wrong and the "
        "record is withdrawn, he may apply again.",
    ),
    "entry_annulled": Text(
        "申请所依据的户籍登记已被撤销，申请终止办理；有异议的，请向作出登记的公安机关提出。",
        "The entry in the household register that this rests on was annulled, so it came to an end; if you disagree, "
        "please turn to the police who keep the register.",
    ),
    "fact_changed": Text(
        "签发前户籍登记有变更，与申请不一致，申请终止办理，未签发任何证照；请按现在的登记重新申请。",
        "The household register changed before this was issued and no longer agrees with it, so it came to an end and "
        "nothing was issued; please apply anew by what the register says now.",
    ),
}


@dataclass(frozen=True, slots=True)
class TerminateApplication:
    """By the department, of what is open, or approved and not issued. Says nothing of what is over."""

    reason: TerminationReason
    now: datetime


def terminate(state: Open | Closed, command: TerminateApplication) -> Sequence[Event]:
    match state:
        case Approved():
            reviewed_by = state.reviewed_by
        case InReview():
            reviewed_by = tuple(dict.fromkeys(state.passed_by))
        case SentBack():
            reviewed_by = (state.reviewer,)
        case _:
            return []
    of = state.of
    return [
        ApplicationTerminated(
            application=of.application,
            citizen=of.citizen,
            certificate_type=of.certificate_type,
            reason=command.reason,
            reviewed_by=reviewed_by,
            terminated_at=command.now,
            guardian=of.guardian_at(command.now),
            explanation=None if command.reason == "applicant_died" else "{} {}".format(*WHY[command.reason]),
        )
    ]
