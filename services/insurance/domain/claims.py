"""Settling, reversing and settling anew: the window's part of an insured person's stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.allowances import prepare, withdraw
from services.insurance.domain.claim import Claim, require_order
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured_state import Insured, NotInsured, State, evolve
from services.insurance.domain.maternity import Birth, MaternityBook
from services.insurance.domain.pricing import PolicyBook, Priced, price
from shared.contracts.event import Event
from shared.contracts.insurance import ClaimSettled, SettlementReversed, YearTotals
from shared.standards.shanghai import day_in_shanghai

BILLS = UUID("7c3f4a52-6d0e-5b1c-9a57-2f6b8e0d4c11")


@dataclass(frozen=True, slots=True)
class SettleClaim:
    claim: Claim
    hospital: Hospital
    policies: PolicyBook
    maternity: MaternityBook
    window: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ReverseSettlement:
    settlement: UUID
    hospital: str  # whose window asks
    reason: str
    reversed_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class SettleAnew:
    """The same bill as the person's status is now: filed since, an emergency after all, of another class."""

    settlement: UUID
    hospital: Hospital
    is_emergency: bool
    reason: str
    policies: PolicyBook
    window: UUID
    now: datetime


Command = SettleClaim | ReverseSettlement | SettleAnew


def settlement_of(hospital: str, bill_number: str) -> UUID:
    """A bill has one settlement: its id follows from the hospital's own number."""
    return uuid5(BILLS, f"{hospital}\n{bill_number}")


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case SettleClaim():
            return _settle(state, command)
        case ReverseSettlement():
            insured, settled = _latest(state, command.settlement, command.hospital)
            undone = _reversed(settled, command.reason, command.reversed_by, command.now)
            first = settlement_of(settled.hospital, settled.bill_number)  # an allowance rests on a bill's first one
            return [undone, *withdraw(insured, first, command.now)]
        case SettleAnew():
            return _settle_anew(state, command)


def _settle(state: State, command: SettleClaim) -> Sequence[Event]:
    claim = command.claim
    require_order(claim, day_in_shanghai(command.now))
    if isinstance(state, NotInsured):
        raise refusals.not_insured(claim.discharged_on, None, None)
    priced = price(state, claim, command.hospital, command.policies)
    id = settlement_of(command.hospital.code, claim.bill_number)
    settled = _settled(state, claim, command.hospital, priced, id, None, command.window, command.now)
    return [settled, *prepare(state, settled, command.maternity, command.now)]


def _settle_anew(state: State, command: SettleAnew) -> Sequence[Event]:
    insured, old = _latest(state, command.settlement, command.hospital.code)
    undone = _reversed(old, command.reason, command.window, command.now)
    claim = Claim(
        bill_number=old.bill_number,
        admitted_on=old.admitted_on,
        discharged_on=old.discharged_on,
        items=old.items,
        care=old.care,
        is_emergency=command.is_emergency,
        diagnosis=old.diagnosis,
        birth=None if old.children is None else Birth(bool(old.is_difficult_birth), old.children),
    )
    as_before = evolve(insured, undone)
    assert isinstance(as_before, Insured)
    priced = price(as_before, claim, command.hospital, command.policies)
    id = uuid5(old.settlement, "anew")
    anew = _settled(as_before, claim, command.hospital, priced, id, old.settlement, command.window, command.now)
    return [undone, anew]


def _latest(state: State, settlement: UUID, hospital: str) -> tuple[Insured, ClaimSettled]:
    """Raises NotFound and Refused: unknown, reversed, or not the latest of its year."""
    if isinstance(state, NotInsured):
        raise refusals.no_such_settlement()
    if (undone := state.reversed.get(settlement)) and undone.hospital == hospital:
        raise refusals.reversed_already()
    found = state.settlement(settlement)
    if found is None or found.hospital != hospital:
        raise refusals.no_such_settlement()
    latest = state.years[found.year][-1].settlement
    if latest != settlement:
        raise refusals.out_of_order(latest)
    return state, found


def _reversed(settled: ClaimSettled, reason: str, by: UUID, now: datetime) -> SettlementReversed:
    return SettlementReversed(
        settlement=settled.settlement,
        person=settled.person,
        care=settled.care,
        region=settled.region,
        treatment_region=settled.treatment_region,
        hospital=settled.hospital,
        year=settled.year,
        sheet=settled.sheet,
        after=YearTotals.model_validate(settled.before.model_dump()),
        reason=refusals.said("reason", reason, is_drawn=True),
        reversed_by=by,
        reversed_at=now,
    )


def _settled(
    state: Insured,
    claim: Claim,
    hospital: Hospital,
    priced: Priced,
    id: UUID,
    replaces: UUID | None,
    window: UUID,
    now: datetime,
) -> ClaimSettled:
    return ClaimSettled(
        settlement=id,
        person=state.person,
        name=state.name,
        id_number=state.id_number,
        insured_as=state.insured_as,
        person_class=priced.situation.insured_class,
        region=priced.region,
        care=claim.care,
        hospital=hospital.code,
        hospital_name=hospital.name,
        hospital_level=hospital.level,
        treatment_region=hospital.region,
        bill_number=claim.bill_number,
        admitted_on=claim.admitted_on,
        discharged_on=claim.discharged_on,
        diagnosis=claim.diagnosis,
        items=claim.items,
        place=priced.situation.place,
        filing=priced.situation.filing,
        policy=priced.policy.policy,
        policy_version=priced.chosen.version,
        lines=priced.lines,
        year=claim.year,
        before=priced.before,
        after=priced.after,
        sheet=priced.sheet,
        relief=priced.relief,
        replaces=replaces,
        window=window,
        settled_at=now,
        children=claim.birth.children if claim.birth else None,
        is_difficult_birth=claim.birth.is_difficult if claim.birth else None,
        relief_rule=priced.relief_rule,
    )
