"""Whose application it is to look at, talk about and decide."""

from services.certificates.domain.application_state import Closed, InReview, Open
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.identity import Role


def is_concerned(state: Open | Closed, reviewer: Reviewer) -> bool:
    """Whether he holds any step of the chain, leads where one is taken, or was told that it is overdue."""
    return was_told(state, reviewer) or any(
        reviewer.holds(step) or reviewer.leads(step.division) for step in state.of.chain
    )


def may_decide(state: InReview, reviewer: Reviewer) -> bool:
    """Whoever holds the step; once it is overdue also the leaders who were told, but for the step of a profession."""
    return reviewer.holds(state.step) or (state.step.role == Role.reviewer and was_told(state, reviewer))


def was_told(state: Open | Closed, reviewer: Reviewer) -> bool:
    return isinstance(state, InReview) and state.escalated_to is not None and reviewer.leads(state.escalated_to)
