"""Annulling an entry that should never have been made (撤销登记): one officer proposes, another confirms.

Part of the entry in the register; a change of the entry ends what was proposed of it, so nothing stale is confirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity.domain.entry_fields import line
from services.identity.domain.events import AnnulmentProposalEnded, AnnulmentProposed
from services.identity.domain.two_officers import Proposal, require_another, require_proposal
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.contracts.identity import EntryAnnulled


@dataclass(frozen=True, slots=True)
class ProposeAnnulment:
    """`basis` is the document that shows it."""

    proposal: UUID
    reason: str
    basis: str
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmAnnulment:
    """By another person than `proposed_by`: whoever sends this has looked (`officers.py`)."""

    proposal: UUID
    proposed_by: UUID
    by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class EndAnnulmentProposal:
    """Withdrawn by whoever made it, or declined by another."""

    proposal: UUID
    by: UUID
    now: datetime


def propose_annulment(person: UUID, present: Proposal[str] | None, command: ProposeAnnulment) -> Sequence[Event]:
    """Raises Invalid, and Refused while another proposal stands."""
    reason, basis = line("reason", command.reason), line("basis", command.basis)
    if present:
        if present.id == command.proposal:
            return []
        raise Refused(
            "proposed_already",
            "已有一名民警提出撤销该登记，请由另一名民警确认或退回。",
            "One officer has already proposed to annul this entry; another confirms or declines that.",
        )
    return [
        AnnulmentProposed(
            person=person,
            proposal=command.proposal,
            reason=reason,
            basis=basis,
            by=command.by,
            proposed_at=command.now,
        )
    ]


def confirm_annulment(person: UUID, present: Proposal[str] | None, command: ConfirmAnnulment) -> Sequence[Event]:
    proposal = require_proposal(present, command.proposal)
    require_another(proposal, command.proposed_by, command.by)
    return [
        EntryAnnulled(
            person=person,
            reason=proposal.reason,
            basis=proposal.what,
            proposed_by=proposal.by,
            annulled_by=command.by,
            annulled_at=command.now,
        )
    ]


def end_proposal(person: UUID, present: Proposal[str] | None, command: EndAnnulmentProposal) -> Sequence[Event]:
    proposal = require_proposal(present, command.proposal)
    return [AnnulmentProposalEnded(person=person, proposal=proposal.id, by=command.by, ended_at=command.now)]


def proposal_of(event: AnnulmentProposed | AnnulmentProposalEnded) -> Proposal[str] | None:
    """What stands after the event."""
    if isinstance(event, AnnulmentProposalEnded):
        return None
    return Proposal(event.proposal, event.basis, event.reason, event.by, event.proposed_at)
