"""What cases ask of public security lies on its desk from the moment it is heard."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import UUID

from services.identity.domain.events import HeldBirthDecided
from shared.contracts.cases import IdentityItemRequested, IdentityItemWithdrawn
from shared.contracts.event import Event
from shared.contracts.identity import IdentityItemDone, IdentityItemRefused, IdentityItemUndone, IdentityItemWaiting
from shared.messaging.asked_item import Vocabulary, asked, asked_item


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
