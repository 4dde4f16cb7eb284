"""An entry of the register was annulled: the cover is void, and money that rests on the birth is asked back.

Part of an insured person's stream: the annulled person's own, and the mother's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast
from uuid import UUID

from services.insurance.domain.allowances import withdrawn
from services.insurance.domain.claims import withdrawn as bill_withdrawn
from services.insurance.domain.doubting import holding, stay_of
from services.insurance.domain.events import BirthNoted, BirthStruck
from services.insurance.domain.insured_state import Allowance, Insured, NotInsured, State, evolve, settlement_of
from services.insurance.domain.maternity import Birth, MaternityBook, reckon
from services.insurance.domain.plausibility import Birth as RegisteredBirth
from services.insurance.domain.repayment import allowance_back, settlement_back
from shared.contracts.event import Event
from shared.contracts.insurance import ClaimHeld, ClaimSettled, CoverVoided
from shared.standards.text import Text

ANNULLED = Text(
    "户口登记已被公安机关撤销，所依据的事实不存在",
    "the entry in the household register was annulled: what it rested on never was",
)
NO_SUCH_BIRTH = Text(
    "子女的户口登记已被公安机关撤销，该次分娩没有登记在册的子女",
    "the child's entry in the household register was annulled, and no other child of that delivery is registered",
)
FEWER_CHILDREN = Text(
    "子女的户口登记已被公安机关撤销，该次分娩的子女数少于申报数",
    "a child's entry in the household register was annulled: fewer children were born than was claimed",
)


@dataclass(frozen=True, slots=True)
class NoteBirth:
    """As the register tells it of a mother, insured or not. Told again it changes nothing."""

    mother: UUID
    child: UUID
    born_on: date
    now: datetime


@dataclass(frozen=True, slots=True)
class VoidCover:
    """Of whoever was never in the register; where nobody is insured it changes nothing."""

    now: datetime


@dataclass(frozen=True, slots=True)
class StrikeBirth:
    """The child's entry was annulled: in the mother's stream."""

    mother: UUID
    child: UUID
    born_on: date
    book: MaternityBook
    now: datetime


Command = NoteBirth | VoidCover | StrikeBirth


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case NoteBirth(mother=mother, child=child, born_on=born_on, now=now):
            if any(one.child == child for one in state.births):
                return []
            return [BirthNoted(person=mother, child=child, born_on=born_on, noted_at=now)]
        case VoidCover(now=now):
            return [] if isinstance(state, NotInsured) or state.voided else list(_void(state, now))
        case StrikeBirth():
            return _strike(state, command)


def _void(state: Insured, now: datetime) -> Iterator[Event]:
    yield CoverVoided(person=state.person, region=state.region, voided_at=now)
    for known in state.held.values():
        if known.status == "held" and isinstance(known.of, ClaimHeld):
            yield bill_withdrawn(known.of, ANNULLED.zh, None, now)
    for settled in holding(state):
        yield from settlement_back(state, settled, state.person, ANNULLED, now)
    for allowance in state.allowances.values():
        yield from _end(state, allowance, allowance.prepared.amount, state.person, ANNULLED, now)


def _strike(state: State, command: StrikeBirth) -> Sequence[Event]:
    struck = BirthStruck(person=command.mother, child=command.child, born_on=command.born_on, struck_at=command.now)
    if isinstance(state, NotInsured):
        return [struck]
    after = cast(Insured, evolve(state, struck))
    born = RegisteredBirth(command.child, command.born_on)
    events: list[Event] = [struck]
    for settled in holding(state):
        bill = settlement_of(settled.hospital, settled.bill_number)
        stay = stay_of(state, bill)
        if settled.children is None or stay is None or not stay.has(born):
            continue
        left = sum(stay.has(one) for one in after.births)
        events += _fallen(after, settled, bill, left, command)
    return events


def _fallen(state: Insured, settled: ClaimSettled, bill: UUID, left: int, command: StrikeBirth) -> Iterator[Event]:
    """`left`: children of that delivery who are registered still."""
    assert settled.children is not None
    if left >= settled.children:
        return
    reason = FEWER_CHILDREN if left else NO_SUCH_BIRTH
    if not left:
        yield from settlement_back(state, settled, command.child, reason, command.now)
    for allowance in state.allowances.values():
        if allowance.prepared.settlement == bill:
            due = _due(allowance, settled, left, command.book)
            too_much = allowance.prepared.amount - due
            yield from _end(state, allowance, too_much, command.child, reason, command.now)


def _due(allowance: Allowance, settled: ClaimSettled, left: int, book: MaternityBook) -> Decimal:
    """The allowance for so many children."""
    of = allowance.prepared
    rules = book.maternity_rules(settled.region, settled.discharged_on)
    if not left or rules is None:
        return Decimal("0.00")
    return min(of.amount, reckon(rules, of.average_wage, Birth(bool(settled.is_difficult_birth), left)).amount)


def _end(
    state: Insured, allowance: Allowance, too_much: Decimal, cause: UUID, reason: Text, now: datetime
) -> Iterator[Event]:
    """What is not paid yet is withdrawn; what is paid, or on its way, is asked back."""
    match allowance.status:
        case "prepared" | "rejected" | "held" | "refused":
            yield from withdrawn(state, allowance, now)
        case "confirmed" | "paid":
            yield from allowance_back(state, allowance.prepared.allowance, too_much, cause, reason, now)
