"""What cases keeps to itself. Stored for ever: add optional fields, never rename, retype or remove."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from shared.contracts.case_items import ItemRequested
from shared.contracts.event import Event


class DeskItemRequested(ItemRequested):
    """An item that people of this bureau do at their desk."""


class FactsCompared(Event):
    """What a case was told of people was compared with what the register says; nothing need have changed."""

    case: UUID
    as_told: dict[str, int] = Field(default_factory=dict)  # person id -> number of the last event heard of them
    compared_at: datetime
