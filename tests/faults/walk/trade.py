"""Harbour and customs as the walk has them: what they say of a ship is sealed, and can be forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from shared.contracts.erasure import ErasureTaken, PersonErased, PersonKept
from shared.contracts.event import Event, Recorded
from shared.contracts.feed import Contract, Feed
from shared.contracts.identity import ErasureAsked
from shared.department.erasure import Erasure
from shared.department.service import Service
from shared.eventstore.aggregate import Aggregate, Instruction
from shared.eventstore.master_keys import MasterKey
from shared.eventstore.read_model import ReadModel
from shared.messaging.erasure_request import PRIVATE_ERASURE_EVENTS, Vocabulary
from shared.messaging.reaction import Reaction
from tests import sample
from tests.faults.walk.said import project
from tests.sample import INSPECT, SHIP, SHIPS, CratesInspected, CratesUnloaded, HarbourNoted, Note, ShipArrived

MASTER = MasterKey(b"w" * 32)


class ShipForgotten(PersonErased):
    """Nobody can read any more what harbour said of it."""


class ShipKept(PersonKept):
    """Never told: nothing keeps a ship."""


class InspectionsForgotten(PersonErased):
    """The same of customs, which follows harbour."""


class InspectionsKept(PersonKept):
    """Never told."""


HARBOUR_FEED = Feed(
    "harbour", "ships", sample.HARBOUR_FEED.title, (ShipArrived, CratesUnloaded, ShipForgotten, ShipKept)
)
CUSTOMS_FEED = Feed(
    "customs", "inspections", sample.CUSTOMS_FEED.title, (CratesInspected, InspectionsForgotten, InspectionsKept)
)
HARBOUR = Contract("harbour", sample.HARBOUR.title, (HARBOUR_FEED,))
CUSTOMS = Contract("customs", sample.CUSTOMS.title, (CUSTOMS_FEED,))
CONTRACTS = (HARBOUR, CUSTOMS)


@dataclass(frozen=True)
class Forget:
    person: UUID
    at: datetime


def forgetting(kind: type[PersonErased]) -> Aggregate[bool, Forget]:
    """Once a ship, in the stream that erasures have."""

    def decide(is_forgotten: bool, command: Forget) -> Sequence[Event]:
        if is_forgotten:
            return []
        about = {"person": command.person, "request": command.person}
        return [ErasureTaken(**about, asked_at=command.at), kind(**about, erased_at=command.at)]

    return Aggregate("erasure", False, decide, lambda known, event: known or isinstance(event, PersonErased))


FORGET_SHIP, FORGET_INSPECTIONS = forgetting(ShipForgotten), forgetting(InspectionsForgotten)


class Forgetting(Erasure):
    """`events`: of both departments, for what one told goes when that one says so."""

    @property
    def events(self) -> tuple[type[PersonErased], ...]:
        return (ShipForgotten, InspectionsForgotten)


def take_down(event: Recorded) -> Iterable[Instruction]:
    """Harbour notes what customs inspected, and tells nobody."""
    if isinstance(event.data, CratesInspected):
        yield Instruction(SHIP, event.subject_id, Note("inspected"))


def forget_too(event: Recorded) -> Iterable[Instruction]:
    if isinstance(event.data, ShipForgotten):
        yield Instruction(FORGET_INSPECTIONS, event.subject_id, Forget(event.data.person, event.data.erased_at))


def _said(*events: type[Event]) -> ReadModel:
    path = Path(__file__).with_name("said.py")
    return ReadModel.beside(
        str(path), version=1, events=(*events, ShipForgotten, InspectionsForgotten), project=project
    )


def _service(contract: Contract, vocabulary: Vocabulary, said: ReadModel, *reactions: Reaction) -> Service:
    erasure = Forgetting(vocabulary, Path(__file__).parent, {})
    models = (SHIPS, said, erasure.read_model)
    private = (HarbourNoted,) if contract is HARBOUR else ()
    return Service(
        contract,
        private_events=(*private, *PRIVATE_ERASURE_EVENTS),
        read_models=models,
        reactions=reactions,
        erasure=erasure,
    )


SERVICES = {
    "harbour": _service(
        HARBOUR,
        Vocabulary(ErasureAsked, ShipForgotten, ShipKept),
        _said(ShipArrived, CratesUnloaded, CratesInspected, HarbourNoted),
        Reaction("take down", (CratesInspected,), take_down),
    ),
    "customs": _service(
        CUSTOMS,
        Vocabulary(ErasureAsked, InspectionsForgotten, InspectionsKept),
        _said(ShipArrived, CratesUnloaded, CratesInspected),
        INSPECT,
        Reaction("forget too", (ShipForgotten,), forget_too),
    ),
}
