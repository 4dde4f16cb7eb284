"""What was said of each ship, in plain text: a read model that only somebody with the keys can build.

Across streams no order is promised: what was forgotten reads as empty, whether it is heard before or after.
"""

from collections.abc import Iterator

from shared.contracts.erasure import PersonErased
from shared.contracts.event import Recorded
from shared.eventstore.read_model import Statement
from tests.sample import CratesInspected, CratesUnloaded, HarbourNoted, ShipArrived


def project(event: Recorded) -> Iterator[Statement]:
    teller = event.type.partition(".")[0]
    match event.data:
        case ShipArrived(ship=text) | CratesUnloaded(ship=text) | CratesInspected(ship=text) | HarbourNoted(text=text):
            yield "said", (teller, event.stream, event.version, event.subject_id, text)
        case PersonErased(person=person):
            yield "forgotten", (teller, str(person))
