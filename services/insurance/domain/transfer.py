"""Moving the insurance to another place (转移接续) without a gap: a clerk of the new place decides on it."""

from collections.abc import Sequence
from datetime import timedelta

from services.insurance.domain import refusals
from services.insurance.domain.enrolment import TransferInsurance
from services.insurance.domain.insured_state import Insured
from shared.contracts.event import Event
from shared.contracts.insurance import InsuranceTransferred
from shared.standards.shanghai import day_in_shanghai


def transfer(state: Insured, command: TransferInsurance) -> Sequence[Event]:
    period, day = state.open_period, command.insured_from
    if period is None:
        raise refusals.already_lapsed()
    if command.region == state.region:
        if len(state.periods) > 1 and (period.start, state.class_on(day)) == (day, command.person_class):
            return []
        raise refusals.same_region()
    if day <= period.start:
        raise refusals.dates_out_of_order("insured_from", period.start + timedelta(days=1))
    if day > day_in_shanghai(command.now):
        raise refusals.in_the_future("insured_from")
    if since := [one.discharged_on for year in state.years.values() for one in year if one.discharged_on >= day]:
        raise refusals.settled_since(max(since))
    return [
        InsuranceTransferred(
            person=state.person,
            from_region=state.region,
            to_region=command.region,
            insured_as=state.insured_as,
            person_class=command.person_class,
            insured_from=day,
            recorded_by=command.recorded_by,
            recorded_at=command.now,
        )
    ]
