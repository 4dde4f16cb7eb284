"""People, places and moments that the tests of identity share."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.identity.domain.person import EnterPerson
from shared.contracts.event import Event
from shared.contracts.identity import PersonRegistered
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

S = TypeVar("S")
C = TypeVar("C")

NOW = datetime(2023, 12, 24, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

TAYUANZHUANG = "130123100242"  # a village of Zhengding county
ZHENGDING = "130123000000"
NAMESAKE = "130109500007"  # a community of the same name in another district
PINGNAN_VILLAGE = "450821001004"

WANG_ID = UUID("00000000-0000-8000-8000-000000000001")
LI_ID = UUID("00000000-0000-8000-8000-000000000002")
WANG_NUMBER = IdNumber("130123198503120019")
LI_NUMBER = IdNumber("11010519491231002X")
SPARE_NUMBER = IdNumber("45010319790223451X")
PHONE = MobileNumber("13800000000")

ENTER_WANG = EnterPerson(WANG_ID, "王小明", WANG_NUMBER, TAYUANZHUANG, "12号", NOW)
WANG_ENTERED = PersonRegistered(
    person=WANG_ID,
    name="王小明",
    id_number=WANG_NUMBER,
    division=TAYUANZHUANG,
    address="12号",
    registered_on=date(2023, 12, 24),
)


def state(aggregate: Aggregate[S, Any], *events: Event) -> S:
    """Given these events."""
    folded = aggregate.initial
    for event in events:
        folded = aggregate.evolve(folded, event)
    return folded


def decided(aggregate: Aggregate[S, C], given: Sequence[Event], command: C) -> list[Event]:
    """Given these events, when this command comes: then what is returned, or what is raised."""
    return list(aggregate.decide(state(aggregate, *given), command))
