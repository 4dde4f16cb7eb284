"""Notices to citizens about the outcome of their request for erasure. Names of departments only.

Where two officers asked by law nobody is told: those are the entries of the dead, or of nobody.
"""

from collections.abc import Iterator

from services.notification.told import Told, told, with_guardian
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.event import Event
from shared.contracts.identity import ErasureAnswered

OUTCOME = "erasure_outcome"
"""The template."""

EVENTS: tuple[type[Event], ...] = (ErasureAnswered,)
TITLES = {contract.department: contract.title for contract in CONTRACTS}
NONE = {"zh": "无", "en": "none"}


def about_erasure(event: Event) -> Iterator[Told]:
    match event:
        case ErasureAnswered(person=person, by="citizen", erased=erased, kept=kept, answered_at=at, guardian=guardian):
            one = told(person, OUTCOME, at, erased=_named(erased), kept=_named(kept))
            yield from with_guardian(one, guardian)


def _named(departments: tuple[str, ...]) -> dict[str, str]:
    titles = [TITLES[name] for name in departments if name in TITLES]
    if not titles:
        return NONE
    return {"zh": "、".join(one.zh for one in titles), "en": ", ".join(one.en for one in titles)}
