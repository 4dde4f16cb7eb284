"""The mandates one principal gives on one day, so that nobody stores without end. Private.

Stream `mandates-<principal>-<day>`: all of a day meet in it, so that requests at once never come to more than may come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.events import MandateCounted
from services.identity.domain.mandate_refusals import too_many_today
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.shanghai import day_in_shanghai, end_of


@dataclass(frozen=True, slots=True)
class CountMandate:
    mandate: UUID
    most: int
    now: datetime


State = frozenset[UUID]


def decide(counted: State, command: CountMandate) -> Sequence[Event]:
    """Raises TooMany "too_many_mandates_today"."""
    if command.mandate in counted:
        return []
    if len(counted) >= command.most:
        left = (end_of(day_in_shanghai(command.now)) - command.now).total_seconds()
        raise too_many_today(command.most, left)
    return [MandateCounted(mandate=command.mandate, counted_at=command.now)]


def evolve(counted: State, event: Event) -> State:
    return counted | {event.mandate} if isinstance(event, MandateCounted) else counted


MANDATE_DAY: Aggregate[State, CountMandate] = Aggregate("mandates", frozenset(), decide, evolve)
