"""Settling, reversing and settling anew: the window's part of an insured person's stream.

What is implausible is held: nothing is paid or counted until two officers have decided (`held.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from services.insurance.domain import refusals
from services.insurance.domain.allowances import prepare, withdraw
from services.insurance.domain.claim import Claim, require_order
from services.insurance.domain.doubting import bill_doubts, waiting
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured_state import Held, Insured, NotInsured, State, evolve, settlement_of
from services.insurance.domain.maternity import Birth, MaternityBook
from services.insurance.domain.plausibility import PlausibilityBook
from services.insurance.domain.pricing import PolicyBook, Priced, price
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimHeld,
    ClaimSettled,
    Concern,
    HeldWithdrawn,
    SettlementReversed,
    YearTotals,
)
from shared.standards.shanghai import day_in_shanghai


class Rulebook(MaternityBook, PlausibilityBook, Protocol):
    """What an office has laid down beside the policies."""


@dataclass(frozen=True, slots=True)
class SettleClaim:
    claim: Claim
    hospital: Hospital
    policies: PolicyBook
    book: Rulebook
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
    book: Rulebook
    window: UUID
    now: datetime


Command = SettleClaim | ReverseSettlement | SettleAnew


def decide(state: State, command: Command) -> Sequence[Event]:
    match command:
        case SettleClaim():
            return _settle(state, command)
        case ReverseSettlement():
            return _reverse(state, command)
        case SettleAnew():
            return _settle_anew(state, command)


def _settle(state: State, command: SettleClaim) -> Sequence[Event]:
    claim, hospital = command.claim, command.hospital
    require_order(claim, day_in_shanghai(command.now))
    if isinstance(state, NotInsured):
        raise refusals.not_insured(claim.discharged_on, None, None)
    id = settlement_of(hospital.code, claim.bill_number)
    if id in state.held or id in state.reversed or state.settlement(id):
        raise refusals.bill_number_reused()
    priced = price(state, claim, hospital, command.policies)
    if concerns := bill_doubts(state, claim, hospital, command.book):
        return [_held(state, claim, hospital, priced, id, concerns, command.window, command.now)]
    return settled_now(state, claim, hospital, priced, id, command.window, command.book, command.now)


def settled_now(
    state: Insured,
    claim: Claim,
    hospital: Hospital,
    priced: Priced,
    id: UUID,
    window: UUID,
    book: MaternityBook,
    now: datetime,
) -> Sequence[Event]:
    """The settlement, and the allowance that follows from it."""
    settled = _settled(state, claim, hospital, priced, id, None, window, now)
    return [settled, *prepare(state, settled, book, now)]


def _reverse(state: State, command: ReverseSettlement) -> Sequence[Event]:
    if held := held_claim(state, command.settlement, command.hospital):
        return [withdrawn(held, refusals.said("reason", command.reason), command.reversed_by, command.now)]
    insured, settled = _latest(state, command.settlement, command.hospital)
    undone = _reversed(settled, command.reason, command.reversed_by, command.now)
    first = settlement_of(settled.hospital, settled.bill_number)  # an allowance rests on a bill's first one
    return [undone, *_withdraw_anew(insured, settled, command.now), *withdraw(insured, first, command.now)]


def held_claim(state: State, id: UUID, hospital: str) -> ClaimHeld | None:
    """A bill of this hospital that waits. Raises Refused for one that was refused or taken back."""
    known = state.held.get(id) if isinstance(state, Insured) else None
    if known is None or not isinstance(known.of, ClaimHeld) or known.of.hospital != hospital:
        return None
    if known.status == "refused":
        raise refusals.held_refused(known.decided)
    if known.status == "withdrawn":
        raise refusals.reversed_already()
    return known.of if known.status == "held" else None


def withdrawn(of: ClaimHeld, reason: str, by: UUID | None, now: datetime) -> HeldWithdrawn:
    return HeldWithdrawn(
        held=of.held,
        matter="settlement",
        person=of.person,
        region=of.region,
        amount=of.sheet.medfee_sumamt,
        hospital_name=of.hospital_name,
        reason=reason,
        withdrawn_by=by,
        withdrawn_at=now,
    )


def _withdraw_anew(state: Insured, settled: ClaimSettled, now: datetime) -> list[Event]:
    """What would have taken the place of a settlement goes with it."""
    return [withdrawn(one, "原结算已冲销", None, now) for one in waiting(state) if one.replaces == settled.settlement]


def _settle_anew(state: State, command: SettleAnew) -> Sequence[Event]:
    insured, old = _latest(state, command.settlement, command.hospital.code)
    known = _anew_of(insured, old.settlement)
    if any(one.status == "held" for one in known):
        return []
    claim = claim_of(old, is_emergency=command.is_emergency)
    id = uuid5(old.settlement, "anew" if not known else f"anew {len(known)}")
    undone = _reversed(old, command.reason, command.window, command.now)
    as_before = evolve(insured, undone)
    assert isinstance(as_before, Insured)
    priced = price(as_before, claim, command.hospital, command.policies)
    if concerns := bill_doubts(as_before, claim, command.hospital, command.book):
        held = _held(insured, claim, command.hospital, priced, id, concerns, command.window, command.now)
        return [held.model_copy(update={"replaces": old.settlement, "reason": undone.reason})]
    anew = _settled(as_before, claim, command.hospital, priced, id, old.settlement, command.window, command.now)
    return [undone, anew]


def _anew_of(state: Insured, replaced: UUID) -> list[Held]:
    found = (one for one in state.held.values() if isinstance(one.of, ClaimHeld))
    return [one for one in found if isinstance(one.of, ClaimHeld) and one.of.replaces == replaced]


def take_the_place(
    state: Insured, held: ClaimHeld, hospital: Hospital, policies: PolicyBook, now: datetime
) -> Sequence[Event]:
    """Of a held bill that is settled anew: only now the old settlement goes. Raises NotFound, Refused."""
    assert held.replaces is not None
    _, old = _latest(state, held.replaces, hospital.code)
    undone = _reversed(old, held.reason or "", held.window, now)
    as_before = evolve(state, undone)
    assert isinstance(as_before, Insured)
    claim = claim_of(held, is_emergency=held.is_emergency)
    priced = price(as_before, claim, hospital, policies)
    return [undone, _settled(as_before, claim, hospital, priced, held.held, old.settlement, held.window, now)]


def claim_of(of: ClaimSettled | ClaimHeld, *, is_emergency: bool) -> Claim:
    return Claim(
        bill_number=of.bill_number,
        admitted_on=of.admitted_on,
        discharged_on=of.discharged_on,
        items=of.items,
        care=of.care,
        is_emergency=is_emergency,
        diagnosis=of.diagnosis,
        birth=None if of.children is None else Birth(bool(of.is_difficult_birth), of.children),
    )


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
    if any(one.of.of == settlement and one.status != "dropped" for one in state.repayments.values()):
        raise refusals.asked_back()
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


def _held(
    state: Insured,
    claim: Claim,
    hospital: Hospital,
    priced: Priced,
    id: UUID,
    concerns: tuple[Concern, ...],
    window: UUID,
    now: datetime,
) -> ClaimHeld:
    return ClaimHeld(
        held=id,
        person=state.person,
        name=state.name,
        id_number=state.id_number,
        region=priced.region,
        care=claim.care,
        hospital=hospital.code,
        hospital_name=hospital.name,
        treatment_region=hospital.region,
        bill_number=claim.bill_number,
        admitted_on=claim.admitted_on,
        discharged_on=claim.discharged_on,
        is_emergency=claim.is_emergency,
        diagnosis=claim.diagnosis,
        items=priced.items,
        children=claim.birth.children if claim.birth else None,
        is_difficult_birth=claim.birth.is_difficult if claim.birth else None,
        concerns=concerns,
        policy_version=priced.chosen.version,
        lines=priced.lines,
        sheet=priced.sheet,
        replaces=None,
        reason=None,
        window=window,
        held_at=now,
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
        items=priced.items,
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
