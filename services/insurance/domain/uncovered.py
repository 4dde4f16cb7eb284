"""Births whose mothers the insurance does not cover: told once a bill. Stream `uncovered-<person id>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast, get_args
from uuid import UUID

from shared.contracts.event import Event
from shared.contracts.insurance import MaternityNotCovered
from shared.eventstore.aggregate import Aggregate

Code = Literal["not_insured", "insurance_lapsed", "not_yet_insured"]
CODES: tuple[str, ...] = get_args(Code)

State = frozenset[tuple[str, str]]
"""Hospital and number of the bills that were told."""


@dataclass(frozen=True, slots=True)
class TellNotCovered:
    person: UUID
    hospital: str
    bill_number: str
    code: str  # of the refusal
    discharged_on: date
    now: datetime


def decide(told: State, command: TellNotCovered) -> Sequence[Event]:
    if (command.hospital, command.bill_number) in told:
        return []
    return [
        MaternityNotCovered(
            person=command.person,
            hospital=command.hospital,
            bill_number=command.bill_number,
            code=cast(Code, command.code),
            discharged_on=command.discharged_on,
            recorded_at=command.now,
        )
    ]


def evolve(told: State, event: Event) -> State:
    match event:
        case MaternityNotCovered(hospital=hospital, bill_number=bill_number):
            return told | {(hospital, bill_number)}
        case _:
            return told


UNCOVERED: Aggregate[State, TellNotCovered] = Aggregate("uncovered", frozenset(), decide, evolve)
