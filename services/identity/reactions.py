"""What cases ask of public security lies on its desk from the moment it is heard."""

from shared.contracts.cases import IdentityItemRequested, IdentityItemWithdrawn
from shared.contracts.identity import IdentityItemDone, IdentityItemRefused, IdentityItemUndone, IdentityItemWaiting
from shared.messaging.asked_item import Vocabulary, asked, asked_item

VOCABULARY = Vocabulary(
    IdentityItemRequested,
    IdentityItemWithdrawn,
    IdentityItemWaiting,
    IdentityItemDone,
    IdentityItemRefused,
    IdentityItemUndone,
)
ITEM = asked_item(VOCABULARY)
ASKED = asked(VOCABULARY, ITEM)
