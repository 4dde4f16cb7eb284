"""What cases keeps to itself. Stored for ever: add optional fields, never rename, retype or remove."""

from shared.contracts.case_items import ItemRequested, ItemWithdrawn
from shared.contracts.event import Event


class DeskItemRequested(ItemRequested):
    """An item that people of this bureau do at their desk."""


class DeskItemWithdrawn(ItemWithdrawn):
    """The desk need not do it, or is to undo it."""


PRIVATE_EVENTS: tuple[type[Event], ...] = (DeskItemRequested, DeskItemWithdrawn)
