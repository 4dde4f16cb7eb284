"""What cases keeps to itself. Stored for ever: add optional fields, never rename, retype or remove."""

from shared.contracts.case_items import ItemRequested


class DeskItemRequested(ItemRequested):
    """An item that people of this bureau do at their desk."""
