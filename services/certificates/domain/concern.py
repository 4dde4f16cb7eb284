"""The staff whose application it is to look at, talk about and decide."""

from services.certificates.domain.application_state import Closed, InReview, Open
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.identity import Role


def is_concerned(state: Open | Closed, reviewer: Reviewer) -> bool:
    """Whether they hold any step of the chain, lead where one is taken, or were told that it is overdue."""
    kind = state.of.kind
    return was_told(state, reviewer) or any(
        reviewer.holds(step, kind) or reviewer.leads(step.division, kind) for step in state.of.chain
    )


def may_decide(state: InReview, reviewer: Reviewer) -> bool:
    """Whoever holds the step; once it is overdue also the leaders who were told, but for the step of a profession.

    Where another body checks after a leader, that leader signs for the body, and nobody above it does.
    """
    if state.step.role == Role.leader and not state.is_last_step:
        return reviewer.area == state.step.division and reviewer.holds(state.step, state.of.kind)
    is_held = reviewer.holds(state.step, state.of.kind)
    return is_held or (state.step.role == Role.reviewer and was_told(state, reviewer))


def was_told(state: Open | Closed, reviewer: Reviewer) -> bool:
    told = state.escalated_to if isinstance(state, InReview) else None
    return told is not None and reviewer.leads(told, state.of.kind)
