"""What is answered: yes, no or unknown, and the event that it rests on. Never more than was asked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.certificates.facts.entitlement import FactName
from services.certificates.facts.question import Answer
from services.certificates.facts.register_entries import Entry
from services.certificates.read_models.holdings import Holding
from shared.standards.age import is_adult
from shared.standards.divisions import is_within

RESIDENCE = "residence"  # the type that certifies where someone lives


class Answered(NamedTuple):
    answer: Answer
    basis: UUID | None


UNKNOWN = Answered("unknown", None)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person on a day. `holdings`: certificates that live."""

    entry: Entry
    holdings: Sequence[Holding]
    day: date


def answer(fact: FactName, about: str, known: Known) -> Answered:
    """`about`: the division or the type of certificate that is asked about, if the fact needs one."""
    entry = known.entry
    match fact:
        case "alive":
            return Answered("no" if entry.died_on else "yes", entry.death_event or entry.identity_event)
        case "adult":
            if entry.died_on:
                return UNKNOWN
            return Answered("yes" if is_adult(entry.id_number.birth_date, known.day) else "no", entry.identity_event)
        case "resident":
            return _resident(about, known)
        case "holds_certificate":
            held = _held(about, known)
            return Answered("yes", held[-1].issued_event) if held else Answered("no", None)


def _resident(division: str, known: Known) -> Answered:
    entry = known.entry
    if entry.died_on:
        return Answered("no", entry.death_event)
    if is_within(entry.division, division):
        return Answered("yes", entry.residence_event)
    for one in _held(RESIDENCE, known):
        if is_within(one.division, division):
            return Answered("yes", one.issued_event)
    return Answered("no", entry.residence_event)


def _held(certificate_type: str, known: Known) -> list[Holding]:
    return [one for one in known.holdings if one.certificate_type == certificate_type and one.holds_on(known.day)]
