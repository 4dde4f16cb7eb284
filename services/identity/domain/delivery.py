"""A mother's births: one child a day and order; births too close to be two deliveries wait for two officers (待核实).

Stream `delivery-<person id>` of the mother, so two cases that ask at once meet here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.identity.domain.birth_claim import birth_already_entered
from services.identity.domain.entry_fields import line
from services.identity.domain.events import (
    DeliveryBirthClaimed,
    DeliveryBirthFreed,
    DeliveryBirthHeld,
    HeldBirthDecided,
    HeldBirthProposalEnded,
    HeldBirthProposed,
    HeldDecision,
)
from services.identity.domain.register_rules import RegisterRules
from services.identity.domain.two_officers import Proposal, require_another, require_proposal
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Status = Literal["standing", "held", "release", "refuse", "send_back"]
OF_PARENTS = frozenset({"mother_age", "father_age", "parentage_proof"})
"""Reasons that lie with the parents, not with their other children."""
OCCUPIES = ("standing", "held", "release")


@dataclass(frozen=True, slots=True)
class OneBirth:
    """`status`: after `held` what two officers decided. `verdict`: their reason."""

    newborn: UUID
    born_on: date
    order: str
    status: Status
    reasons: tuple[str, ...] = ()
    reference: UUID | None = None  # of the case's item, of one that was held
    division: str = ""
    proposal: Proposal[HeldDecision] | None = None
    verdict: str = ""
    parentage_proof: str | None = None  # that the officers look at

    def is_same_as(self, command: "ClaimDelivery") -> bool:
        """Nothing of what the officers look at has changed since it was held."""
        if (self.born_on, self.order) != (command.born_on, command.order):
            return False
        if self.status in ("standing", "refuse"):
            return True
        looked_at = set(self.reasons) & OF_PARENTS
        return looked_at == set(command.of_parents) and (
            "parentage_proof" not in looked_at or self.parentage_proof == command.parentage_proof
        )


@dataclass(frozen=True, slots=True)
class Deliveries:
    """By newborn."""

    births: Mapping[UUID, OneBirth] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownChild:
    """Whom the register has as the mother's ward, however the entry came about."""

    person: UUID
    born_on: date


@dataclass(frozen=True, slots=True)
class ClaimDelivery:
    """`division`: whose registrars decide when it is held. `corrected`: days of birth as the register has them now."""

    newborn: UUID
    mother: UUID
    case: UUID
    reference: UUID
    born_on: date
    order: str
    child_name: str
    division: str
    children: tuple[KnownChild, ...]
    rules: RegisterRules
    now: datetime
    corrected: Mapping[UUID, date] = field(default_factory=dict)
    of_parents: tuple[str, ...] = ()  # why two officers look at the parents first, as codes
    parentage_proof: str | None = None


@dataclass(frozen=True, slots=True)
class FreeDelivery:
    newborn: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ProposeDecision:
    newborn: UUID
    proposal: UUID
    decision: HeldDecision
    reason: str
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmDecision:
    """By another person than `proposed_by`: whoever sends this has looked (`officers.py`)."""

    newborn: UUID
    proposal: UUID
    proposed_by: UUID
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class EndProposal:
    """Withdrawn by whoever made it, or declined by another."""

    newborn: UUID
    proposal: UUID
    by: UUID
    now: datetime


Command = ClaimDelivery | FreeDelivery | ProposeDecision | ConfirmDecision | EndProposal


def decide(state: Deliveries, command: Command) -> Sequence[Event]:
    match command:
        case ClaimDelivery():
            return claim(state, command)
        case FreeDelivery():
            known = command.newborn in state.births
            return [DeliveryBirthFreed(newborn=command.newborn, freed_at=command.now)] if known else []
        case ProposeDecision():
            return propose(_held(state, command.newborn), command)
        case ConfirmDecision():
            return confirm(state, command)
        case EndProposal():
            require_proposal(_held(state, command.newborn).proposal, command.proposal)
            return [
                HeldBirthProposalEnded(
                    newborn=command.newborn, proposal=command.proposal, by=command.by, ended_at=command.now
                )
            ]


def claim(state: Deliveries, command: ClaimDelivery) -> Sequence[Event]:
    """Claimed, or held. Nothing when the same was claimed, held or decided before. Raises Refused."""
    own = state.births.get(command.newborn)
    is_same = own is not None and own.is_same_as(command)
    if own and is_same and own.status != "release":
        return []
    others = [
        replace(one, born_on=command.corrected.get(one.newborn, one.born_on))
        for one in state.births.values()
        if one.newborn != command.newborn and one.status in OCCUPIES
    ]
    if any((one.born_on, one.order) == (command.born_on, command.order) for one in others):
        raise birth_already_entered()
    is_released = own is not None and is_same  # then its status is "release"
    found = {} if is_released else implausible(others, state, command)
    of_parents = () if is_released else command.of_parents
    if found or of_parents:
        return [
            DeliveryBirthHeld(
                newborn=command.newborn,
                mother=command.mother,
                case=command.case,
                reference=command.reference,
                born_on=command.born_on,
                order=command.order,
                child_name=command.child_name,
                division=command.division,
                reasons=tuple(sorted({*found.values(), *of_parents})),
                beside=tuple(sorted(found)),
                held_at=command.now,
                parentage_proof=command.parentage_proof if "parentage_proof" in of_parents else None,
            )
        ]
    return [
        DeliveryBirthClaimed(
            newborn=command.newborn, born_on=command.born_on, order=command.order, claimed_at=command.now
        )
    ]


def implausible(others: Sequence[OneBirth], state: Deliveries, command: ClaimDelivery) -> Mapping[UUID, str]:
    """The children that speak against entering it without looking, and why, as a code."""
    rules = command.rules
    found = {}
    for other in others:
        days = abs((other.born_on - command.born_on).days)
        if days == 0 or days > rules.birth.delivery_days:
            continue
        if days > rules.midnight_days:
            found[other.newborn] = "too_close"
        elif not _in_order(other, command, rules):
            found[other.newborn] = "same_order"
    for child in command.children:
        if child.person in state.births or child.person == command.newborn:
            continue
        if abs((child.born_on - command.born_on).days) <= rules.birth.delivery_days:
            found[child.person] = "known_child"
    return found


def _in_order(other: OneBirth, command: ClaimDelivery, rules: RegisterRules) -> bool:
    """Whether the one born earlier comes earlier."""
    place = {order: number for number, order in enumerate(rules.orders)}
    before, after = place.get(other.order, 0), place.get(command.order, 0)
    return before < after if other.born_on < command.born_on else after < before


def propose(birth: OneBirth, command: ProposeDecision) -> Sequence[Event]:
    reason = line("reason", command.reason)
    if birth.proposal:
        if birth.proposal.id == command.proposal:
            return []
        raise proposed_already()
    return [
        HeldBirthProposed(
            newborn=birth.newborn,
            proposal=command.proposal,
            decision=command.decision,
            reason=reason,
            by=command.by,
            proposed_at=command.now,
        )
    ]


def confirm(state: Deliveries, command: ConfirmDecision) -> Sequence[Event]:
    birth = _held(state, command.newborn)
    proposal = require_proposal(birth.proposal, command.proposal)
    require_another(proposal, command.proposed_by, command.by)
    assert birth.reference is not None  # of one that is held
    return [
        HeldBirthDecided(
            newborn=birth.newborn,
            reference=birth.reference,
            proposal=proposal.id,
            decision=proposal.what,
            reason=proposal.reason,
            proposed_by=proposal.by,
            decided_by=command.by,
            decided_at=command.now,
        )
    ]


def _held(state: Deliveries, newborn: UUID) -> OneBirth:
    birth = state.births.get(newborn)
    if birth is None or birth.status != "held":
        raise not_held()
    return birth


def evolve(state: Deliveries, event: Event) -> Deliveries:
    births = dict(state.births)
    match event:
        case DeliveryBirthClaimed(newborn=newborn):
            births[newborn] = OneBirth(newborn, event.born_on, event.order, "standing")
        case DeliveryBirthHeld(newborn=newborn):
            births[newborn] = OneBirth(
                newborn,
                event.born_on,
                event.order,
                "held",
                event.reasons,
                event.reference,
                event.division,
                parentage_proof=event.parentage_proof,
            )
        case HeldBirthProposed(newborn=newborn) if newborn in births:
            proposal = Proposal(event.proposal, event.decision, event.reason, event.by, event.proposed_at)
            births[newborn] = replace(births[newborn], proposal=proposal)
        case HeldBirthProposalEnded(newborn=newborn) if newborn in births:
            births[newborn] = replace(births[newborn], proposal=None)
        case HeldBirthDecided(newborn=newborn) if newborn in births:
            births[newborn] = replace(births[newborn], status=event.decision, verdict=event.reason, proposal=None)
        case DeliveryBirthFreed(newborn=newborn):
            births.pop(newborn, None)
        case _:
            return state
    return Deliveries(births)


DELIVERY: Aggregate[Deliveries, Command] = Aggregate("delivery", Deliveries(), decide, evolve)


def not_held() -> NotFound:
    return NotFound(
        "not_held",
        "没有待核实的这一出生登记，可能已经办结或撤回；请刷新后查看。",
        "No such birth is held; it may have been decided or withdrawn. Please reload.",
    )


def proposed_already() -> Refused:
    return Refused(
        "proposed_already",
        "已有一名民警提出处理意见，请由另一名民警确认或退回该意见。",
        "One officer has already proposed what to do; another confirms or declines that.",
    )
