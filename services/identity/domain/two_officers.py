"""What takes two officers: one proposes with a reason, another person confirms or declines (双人复核)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from shared.contracts.errors import NotFound, Refused

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Proposal(Generic[W]):
    """`what` is proposed; `by` is a staff id."""

    id: UUID
    what: W
    reason: str
    by: UUID
    at: datetime


def require_proposal(present: Proposal[W] | None, id: UUID) -> Proposal[W]:
    """Raises NotFound unless this is the proposal that stands."""
    if present is None or present.id != id:
        raise no_such_proposal()
    return present


def require_another(proposal: Proposal[W], looked_at: UUID, by: UUID) -> None:
    """Raises Refused for whoever made it. `looked_at`: whom the caller compared themselves with, as a person."""
    if by == proposal.by:
        raise another_officer_needed()
    if looked_at != proposal.by:
        raise no_such_proposal()


def no_such_proposal() -> NotFound:
    return NotFound(
        "no_such_proposal",
        "该处理意见已撤回、已办结或登记已有变动，请刷新后重新办理。",
        "This proposal was withdrawn or decided, or the entry has changed since; please reload and begin anew.",
    )


def another_officer_needed() -> Refused:
    return Refused(
        "another_officer_needed",
        "须由提出意见以外的另一名民警确认，请交由他人办理。",
        "This takes two people: another officer than the one who proposed it confirms it.",
    )
