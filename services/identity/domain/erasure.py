"""Asking that a person's data be erased: the citizen asks, or two officers by law. Stream `erasure-<person id>`.

The same stream holds how identity itself answers (`ERASURE_REQUEST`); the two look at different events of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.entry_fields import line
from services.identity.domain.events import ErasureProposalEnded, ErasureProposed
from services.identity.domain.two_officers import Proposal, require_another, require_proposal
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import ErasureAnswered, ErasureAsked, IdentityErased, IdentityKept
from shared.eventstore.aggregate import Aggregate
from shared.messaging.erasure_request import NAME, Vocabulary, erasure_request

VOCABULARY = Vocabulary(ErasureAsked, IdentityErased, IdentityKept)
ERASURE_REQUEST = erasure_request(VOCABULARY)


@dataclass(frozen=True, slots=True)
class Asking:
    """`asked`: the last request. `answered`: by all departments but notification."""

    asked: ErasureAsked | None = None
    answered: ErasureAnswered | None = None
    proposal: Proposal[str] | None = None  # what is proposed is the basis

    @property
    def is_open(self) -> bool:
        return self.asked is not None and self.answered is None


@dataclass(frozen=True, slots=True)
class AskErasure:
    """By the citizen, or by a guardian for their ward."""

    person: UUID
    request: UUID
    now: datetime
    guardian: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProposeErasure:
    """By law; `basis` names it."""

    person: UUID
    proposal: UUID
    basis: str
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmErasure:
    """By another person than `proposed_by`: whoever sends this has looked (`officers.py`)."""

    person: UUID
    proposal: UUID
    proposed_by: UUID
    by: UUID
    request: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class EndErasureProposal:
    """Withdrawn by whoever made it, or declined by another."""

    person: UUID
    proposal: UUID
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class TellAnswered:
    """Departments, by what they answered."""

    request: UUID
    erased: tuple[str, ...]
    kept: tuple[str, ...]
    now: datetime


Command = AskErasure | ProposeErasure | ConfirmErasure | EndErasureProposal | TellAnswered


def decide(state: Asking, command: Command) -> Sequence[Event]:
    match command:
        case AskErasure():
            if state.is_open:
                return []  # every department is about to answer
            return [
                ErasureAsked(
                    person=command.person,
                    request=command.request,
                    by="citizen",
                    asked_at=command.now,
                    guardian=command.guardian,
                )
            ]
        case ProposeErasure():
            return propose(state, command)
        case ConfirmErasure():
            return confirm(state, command)
        case EndErasureProposal(person=person, by=by, now=now):
            proposal = require_proposal(state.proposal, command.proposal)
            return [ErasureProposalEnded(person=person, proposal=proposal.id, by=by, ended_at=now)]
        case TellAnswered(request=request) if state.asked and state.is_open and state.asked.request == request:
            return [
                ErasureAnswered(
                    person=state.asked.person,
                    request=request,
                    by=state.asked.by,
                    erased=command.erased,
                    kept=command.kept,
                    answered_at=command.now,
                    guardian=state.asked.guardian,
                )
            ]
        case TellAnswered():
            return []


def propose(state: Asking, command: ProposeErasure) -> Sequence[Event]:
    basis = line("basis", command.basis)
    if state.proposal and state.proposal.id == command.proposal:
        return []
    if state.proposal or state.is_open:
        raise Refused(
            "erasure_under_way",
            "该人员的个人信息删除已在办理，请查看办理情况后再提出。",
            "Erasing this person's data is under way; please look how it stands before you propose it again.",
        )
    return [
        ErasureProposed(
            person=command.person, proposal=command.proposal, basis=basis, by=command.by, proposed_at=command.now
        )
    ]


def confirm(state: Asking, command: ConfirmErasure) -> Sequence[Event]:
    proposal = require_proposal(state.proposal, command.proposal)
    require_another(proposal, command.proposed_by, command.by)
    return [
        ErasureAsked(
            person=command.person,
            request=command.request,
            by="law",
            basis=proposal.what,
            proposed_by=proposal.by,
            confirmed_by=command.by,
            asked_at=command.now,
        )
    ]


def evolve(state: Asking, event: Event) -> Asking:
    match event:
        case ErasureAsked():
            return Asking(asked=event)
        case ErasureAnswered():
            return replace(state, answered=event)
        case ErasureProposed():
            proposal = Proposal(event.proposal, event.basis, event.basis, event.by, event.proposed_at)
            return replace(state, proposal=proposal)
        case ErasureProposalEnded():
            return replace(state, proposal=None)
        case _:
            return state


ASKING: Aggregate[Asking, Command] = Aggregate(NAME, Asking(), decide, evolve)
