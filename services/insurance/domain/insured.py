"""An insured person. Stream `insured-<person id>`."""

from collections.abc import Sequence
from typing import get_args

from services.insurance.domain import allowances, annulment, claims, enrolling, enrolment, held, repayment
from services.insurance.domain.insured_state import NotInsured, State, evolve
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

Command = enrolment.Command | claims.Command | allowances.Command | held.Command | repayment.Command | annulment.Command

_CLAIMS, _ALLOWANCES = get_args(claims.Command), get_args(allowances.Command)
_HELD, _REPAYMENTS, _ANNULMENT = get_args(held.Command), get_args(repayment.Command), get_args(annulment.Command)


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, _CLAIMS):
        return claims.decide(state, command)
    if isinstance(command, _ALLOWANCES):
        return allowances.decide(state, command)
    if isinstance(command, _HELD):
        return held.decide(state, command)
    if isinstance(command, _REPAYMENTS):
        return repayment.decide(state, command)
    if isinstance(command, _ANNULMENT):
        return annulment.decide(state, command)
    return enrolling.decide(state, command)  # type: ignore[arg-type]


INSURED: Aggregate[State, Command] = Aggregate("insured", NotInsured(), decide, evolve)
