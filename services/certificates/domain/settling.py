"""Which changes of facts have been seen to. Stream `change-<id of identity's event>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.certificates.domain.life_events import ChangeSettled
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


@dataclass(frozen=True, slots=True)
class SettleChange:
    person: UUID
    certificates: tuple[UUID, ...]


def decide(is_settled: bool, command: SettleChange) -> Sequence[Event]:
    return [] if is_settled else [ChangeSettled(person=command.person, certificates=command.certificates)]


def evolve(is_settled: bool, event: Event) -> bool:
    return is_settled or isinstance(event, ChangeSettled)


CHANGE: Aggregate[bool, SettleChange] = Aggregate("change", False, decide, evolve)
