"""What departments answer -> the case goes on. Pure."""

from collections.abc import Iterator

from services.cases.domain.answering import TakeAnswer
from services.cases.domain.case import CASE
from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting
from shared.contracts.certificates import (
    CertificatesItemDone,
    CertificatesItemRefused,
    CertificatesItemUndone,
    CertificatesItemWaiting,
)
from shared.contracts.event import Recorded
from shared.contracts.identity import IdentityItemDone, IdentityItemRefused, IdentityItemUndone, IdentityItemWaiting
from shared.contracts.insurance import (
    InsuranceItemDone,
    InsuranceItemRefused,
    InsuranceItemUndone,
    InsuranceItemWaiting,
)
from shared.eventstore.aggregate import Instruction
from shared.messaging.reaction import Reaction


def follow(cause: Recorded) -> Iterator[Instruction]:
    match cause.data:
        case (ItemWaiting() | ItemDone() | ItemRefused() | ItemUndone()) as answer:
            yield Instruction(CASE, str(answer.case), TakeAnswer(answer))


FOLLOW = Reaction(
    "follow",
    (
        IdentityItemWaiting,
        IdentityItemDone,
        IdentityItemRefused,
        IdentityItemUndone,
        CertificatesItemWaiting,
        CertificatesItemDone,
        CertificatesItemRefused,
        CertificatesItemUndone,
        InsuranceItemWaiting,
        InsuranceItemDone,
        InsuranceItemRefused,
        InsuranceItemUndone,
    ),
    follow,
)
