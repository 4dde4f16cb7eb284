"""What cases ask of public security lies on its desk from the moment it is heard."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from uuid import UUID

from services.identity.domain.erasure import ERASURE_REQUEST
from services.identity.domain.events import HeldBirthDecided
from shared.contracts.cases import CasesErased, IdentityItemRequested, IdentityItemWithdrawn
from shared.contracts.certificates import CertificatesErased
from shared.contracts.erasure import PersonErased
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import IdentityItemDone, IdentityItemRefused, IdentityItemUndone, IdentityItemWaiting
from shared.contracts.insurance import InsuranceErased
from shared.contracts.notification import NotificationErased
from shared.eventstore.aggregate import Instruction
from shared.messaging.asked_item import Vocabulary, asked, asked_item
from shared.messaging.erasure_request import LookAgain
from shared.messaging.reaction import Reaction


def reference_of(event: Event) -> UUID:
    assert isinstance(event, HeldBirthDecided)  # the only event it is asked for
    return event.reference


VOCABULARY = Vocabulary(
    IdentityItemRequested,
    IdentityItemWithdrawn,
    IdentityItemWaiting,
    IdentityItemDone,
    IdentityItemRefused,
    IdentityItemUndone,
)
WAKERS: Mapping[type[Event], Callable[[Event], UUID]] = MappingProxyType({HeldBirthDecided: reference_of})
"""A held birth goes on when two officers have decided."""

ITEM = asked_item(VOCABULARY)
ASKED = asked(VOCABULARY, ITEM)


def look_again(cause: Recorded) -> Iterator[Instruction]:
    """The person may have been kept here only because of another department, which has now erased."""
    match cause.data:
        case PersonErased(person=person, erased_at=at):
            yield Instruction(ERASURE_REQUEST, str(person), LookAgain(at))


LOOK_AGAIN = Reaction("look again", (CertificatesErased, InsuranceErased, CasesErased, NotificationErased), look_again)
