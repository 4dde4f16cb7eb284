"""The private event between a clock that ran out and the people who are told.

A timer makes the event, since a timer knows no names. Whom to tell is looked up afterwards, see escalating.py.
Stored for ever: add optional fields, never rename, retype or remove.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event

HigherLevel = Literal["township", "county", "city"]


class ApplicationOverdue(Event):
    """Nobody decided in time; the people of this level are to be told."""

    application: UUID
    level: HigherLevel
    division: str
    role: str  # of the step that waits
    overdue_since: datetime
    noted_at: datetime
