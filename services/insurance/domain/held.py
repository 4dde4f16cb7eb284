"""Held payments (待核实): two officers look at what is implausible, and decide. Part of an insured person's stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.insurance.domain import refusals
from services.insurance.domain.allowances import agency_of, confirmed
from services.insurance.domain.claims import Rulebook, claim_of, settled_now, take_the_place
from services.insurance.domain.doubting import allowance_doubts, bill_doubts
from services.insurance.domain.events import HeldDecisionProposed
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured_state import Held, Insured, NotInsured, State, evolve
from services.insurance.domain.officer import Officer, require_another
from services.insurance.domain.pricing import PolicyBook, price
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimHeld,
    Concern,
    HeldRefused,
    HeldReleased,
    MaternityAllowanceHeld,
)

Decision = Literal["release", "refuse"]


@dataclass(frozen=True, slots=True)
class ProposeOnHeld:
    """`hospital`: of a bill. A later proposal takes the place of an earlier one."""

    held: UUID
    decision: Decision
    reason_zh: str
    reason_en: str
    hospital: Hospital | None
    book: Rulebook
    officer: Officer
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmOnHeld:
    """`decision`: the one that the officer agrees with."""

    held: UUID
    decision: Decision
    hospital: Hospital | None
    policies: PolicyBook
    book: Rulebook
    officer: Officer
    now: datetime


Command = ProposeOnHeld | ConfirmOnHeld


def decide(state: State, command: Command) -> Sequence[Event]:
    known = None if isinstance(state, NotInsured) else state.held.get(command.held)
    if known is None or isinstance(state, NotInsured):
        raise refusals.no_such_held()
    match command:
        case ProposeOnHeld():
            return _propose(state, known, command)
        case ConfirmOnHeld():
            return _confirm(state, known, command)


def _propose(state: Insured, known: Held, command: ProposeOnHeld) -> Sequence[Event]:
    if known.status != "held":
        raise refusals.held_decided(known.status)
    reason_zh = refusals.said("reason_zh", command.reason_zh, is_drawn=True)
    reason_en = refusals.said("reason_en", command.reason_en)
    before = known.proposal
    same = (command.decision, reason_zh, reason_en, command.officer.id)
    concerns = _concerns(state, known, command.hospital, command.book, command.decision)
    known_as = before and (before.decision, before.reason_zh, before.reason_en, before.proposed_by)
    if before and known_as == same and before.concerns == concerns:
        return []
    return [
        HeldDecisionProposed(
            held=command.held,
            person=state.person,
            decision=command.decision,
            reason_zh=reason_zh,
            reason_en=reason_en,
            concerns=concerns,
            proposed_by=command.officer.id,
            proposer=command.officer.person,
            proposed_at=command.now,
        )
    ]


def _confirm(state: Insured, known: Held, command: ConfirmOnHeld) -> Sequence[Event]:
    proposal = known.proposal
    if known.status != "held":
        if proposal and proposal.decision == command.decision and known.status in ("released", "refused"):
            return []
        raise refusals.held_decided(known.status)
    if proposal is None or proposal.decision != command.decision:
        raise refusals.nothing_proposed()
    require_another(proposal, command.officer)
    if proposal.decision == "refuse":
        return [_refused(state, known, proposal, command)]
    now_doubted = _concerns(state, known, command.hospital, command.book, "release")
    if {(one.code, one.about) for one in now_doubted} - {(one.code, one.about) for one in proposal.concerns}:
        raise refusals.stale_proposal()
    released = _released(state, known, proposal, command)
    after = evolve(state, released)
    assert isinstance(after, Insured)
    return [released, *_carried_out(after, known, command)]


def _carried_out(state: Insured, known: Held, command: ConfirmOnHeld) -> Sequence[Event]:
    """By the rules and the year as they stand now."""
    of, now = known.of, command.now
    if isinstance(of, MaternityAllowanceHeld):
        return [confirmed(state.allowances[of.allowance], now, agency_of(of))]
    assert command.hospital is not None
    if of.replaces is not None:
        return take_the_place(state, of, command.hospital, command.policies, now)
    claim = claim_of(of, is_emergency=of.is_emergency)
    priced = price(state, claim, command.hospital, command.policies)
    return settled_now(state, claim, command.hospital, priced, of.held, of.window, command.book, now)


def _concerns(
    state: Insured, known: Held, hospital: Hospital | None, book: Rulebook, decision: Decision
) -> tuple[Concern, ...]:
    """As they are now. What cannot be at all, and a bill of no designated hospital, may only be refused."""
    try:
        match known.of:
            case MaternityAllowanceHeld(allowance=allowance):
                return allowance_doubts(state, state.allowances[allowance], book)
            case ClaimHeld() as of:
                if hospital is None:
                    raise refusals.unknown_hospital()
                return bill_doubts(state, claim_of(of, is_emergency=of.is_emergency), hospital, book)
    except Refused:
        if decision == "release":
            raise
        return known.of.concerns


def _amount(of: ClaimHeld | MaternityAllowanceHeld) -> dict[str, object]:
    if isinstance(of, ClaimHeld):
        name, amount = of.hospital_name, of.sheet.medfee_sumamt
        return {"held": of.held, "matter": "settlement", "amount": amount, "hospital_name": name}
    return {"held": of.allowance, "matter": "allowance", "amount": of.amount, "hospital_name": None}


def _released(state: Insured, known: Held, proposal: HeldDecisionProposed, command: ConfirmOnHeld) -> HeldReleased:
    return HeldReleased.model_validate(
        {
            **_amount(known.of),
            "person": state.person,
            "region": known.of.region,
            "reason_zh": proposal.reason_zh,
            "reason_en": proposal.reason_en,
            "proposed_by": proposal.proposed_by,
            "released_by": command.officer.id,
            "released_at": command.now,
        }
    )


def _refused(state: Insured, known: Held, proposal: HeldDecisionProposed, command: ConfirmOnHeld) -> HeldRefused:
    return HeldRefused.model_validate(
        {
            **_amount(known.of),
            "person": state.person,
            "region": known.of.region,
            "reason_zh": proposal.reason_zh,
            "reason_en": proposal.reason_en,
            "proposed_by": proposal.proposed_by,
            "refused_by": command.officer.id,
            "refused_at": command.now,
        }
    )
