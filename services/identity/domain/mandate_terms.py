"""The terms a mandate may have: between whom, for what, until when. Whether the agent exists is never looked at."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.identity.domain import mandate_refusals as refusals
from services.identity.domain.today import is_of_age
from shared.contracts.matters import Matters
from shared.standards.id_number import IdNumber


def check_terms(
    known: Matters,
    principal: IdNumber,
    agent: IdNumber,
    matters: Sequence[str],
    until: date,
    today: date,
    *,
    at_counter: bool = False,
) -> None:
    """Raises Refused "principal_too_young", and Invalid naming what is wrong."""
    if not is_of_age(principal, today):
        raise refusals.principal_too_young()
    if agent == principal:
        raise refusals.not_oneself()
    if not is_of_age(agent, today):
        raise refusals.agent_too_young()
    if not matters or len(set(matters)) != len(matters):
        raise refusals.matters_needed()
    named = [code for code, matter in known.matters.items() if matter.at_counter or not at_counter]
    if unknown := [code for code in matters if code not in named]:
        raise refusals.unknown_matters(unknown, named)
    latest = today + timedelta(days=known.longest_days)
    if not today <= until <= latest:
        raise refusals.wrong_last_day(today, latest)
