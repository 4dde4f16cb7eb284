"""Who is insured, as what, and what is recorded about it: the clerk's part of an insured person's stream."""

import re
from collections.abc import Sequence

from services.insurance.domain import refusals
from services.insurance.domain.allowances import prepare_waiting
from services.insurance.domain.enrolment import (
    AssignClass,
    Command,
    CorrectPerson,
    CreditAccount,
    EndWithDeath,
    EnrolPerson,
    FileTreatmentAway,
    LapseInsurance,
    RecordEmployment,
    ReturnInsurance,
    TransferInsurance,
    WithdrawDeath,
)
from services.insurance.domain.events import AccountCredited, EmploymentRecorded, TreatmentAwayFiled
from services.insurance.domain.insured_state import DEATH, Insured, NotInsured, State, evolve
from services.insurance.domain.transfer import transfer
from shared.contracts.event import Event
from shared.contracts.insurance import (
    InsuranceLapsed,
    InsuranceLapseWithdrawn,
    InsuranceReturned,
    InsuredClassAssigned,
    InsuredPersonCorrected,
    PersonInsured,
)
from shared.standards.money import ZERO

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotInsured(), EnrolPerson():
            return [_enrolled(command)]
        case NotInsured(), EndWithDeath() | WithdrawDeath() | CorrectPerson():
            return []
        case NotInsured(), _:
            raise refusals.no_such_insured()
        case Insured(), EnrolPerson():
            if state.voided:
                raise refusals.cover_void()
            if state.open_period is None:
                raise refusals.already_lapsed()
            if (state.insured_as, state.region) == (command.insured_as, command.region):
                return []
            raise refusals.already_insured()
        case Insured(), LapseInsurance():
            return _lapse(state, command)
        case Insured(), EndWithDeath():
            return _end(state, command)
        case Insured(), WithdrawDeath():
            return _live(state, command)
        case Insured(), CorrectPerson():
            return _correct(state, command)
        case Insured(), ReturnInsurance():
            return _return(state, command)
        case Insured(), TransferInsurance():
            return transfer(state, command)
        case Insured(), AssignClass():
            return _assign(state, command)
        case Insured(), RecordEmployment():
            return _employ(state, command)
        case Insured(), CreditAccount():
            return _credit(state, command)
        case Insured(), FileTreatmentAway():
            return _file(state, command)


def _enrolled(command: EnrolPerson) -> PersonInsured:
    return PersonInsured(
        person=command.person,
        name=command.name,
        id_number=command.id_number,
        insured_as=command.insured_as,
        region=command.region,
        person_class=command.person_class,
        insured_from=command.insured_from,
        channel="event" if command.enrolled_by is None else "counter",
        enrolled_by=command.enrolled_by,
        enrolled_at=command.now,
        settles=None if command.settles else False,
    )


def _lapse(state: Insured, command: LapseInsurance) -> Sequence[Event]:
    period = state.open_period
    if period is None:
        raise refusals.already_lapsed()
    if command.lapsed_from < period.start:
        raise refusals.dates_out_of_order("lapsed_from", period.start)
    return [
        InsuranceLapsed(
            person=state.person,
            region=state.region,
            lapsed_from=command.lapsed_from,
            reason=refusals.said("reason", command.reason),
            recorded_by=command.recorded_by,
            recorded_at=command.now,
        )
    ]


def _end(state: Insured, command: EndWithDeath) -> Sequence[Event]:
    period = state.open_period
    if period is None:
        return []
    return [
        InsuranceLapsed(
            person=state.person,
            region=state.region,
            lapsed_from=max(command.lapsed_from, period.start),
            reason=DEATH,
            recorded_by=None,
            recorded_at=command.now,
        )
    ]


def _live(state: Insured, command: WithdrawDeath) -> Sequence[Event]:
    return [
        InsuranceLapseWithdrawn(
            person=state.person, region=period.region, lapsed_from=period.end, withdrawn_at=command.now
        )
        for period in state.periods
        if period.ended_by_death and period.end
    ]


def _correct(state: Insured, command: CorrectPerson) -> Sequence[Event]:
    if (state.name, state.id_number) == (command.name, command.id_number):
        return []
    return [
        InsuredPersonCorrected(
            person=state.person, name=command.name, id_number=command.id_number, corrected_at=command.now
        )
    ]


def _return(state: Insured, command: ReturnInsurance) -> Sequence[Event]:
    if state.voided:
        raise refusals.cover_void()
    end = state.periods[-1].end
    if end is None:
        raise refusals.already_insured()
    if command.insured_from < end:
        raise refusals.dates_out_of_order("insured_from", end)
    return [
        InsuranceReturned(
            person=state.person,
            region=state.region,
            insured_from=command.insured_from,
            recorded_by=command.recorded_by,
            recorded_at=command.now,
        )
    ]


def _assign(state: Insured, command: AssignClass) -> Sequence[Event]:
    if (transferred := state.transferred_on) and command.valid_from < transferred:
        raise refusals.class_before_transfer(transferred)
    if state.class_on(command.valid_from) == command.person_class and state.classes[-1][0] <= command.valid_from:
        return []
    return [
        InsuredClassAssigned(
            person=state.person,
            person_class=command.person_class,
            valid_from=command.valid_from,
            recorded_by=command.recorded_by,
            recorded_at=command.now,
        )
    ]


def _employ(state: Insured, command: RecordEmployment) -> Sequence[Event]:
    _require_employee(state)
    if command.average_wage <= ZERO:
        raise refusals.not_positive("average_wage")
    known = state.employment
    if known and (known.employer, known.average_wages.get(command.year)) == (command.employer, command.average_wage):
        return []
    recorded = EmploymentRecorded(
        person=state.person,
        employer=command.employer,
        employer_name=refusals.said("employer_name", command.employer_name),
        year=command.year,
        average_wage=command.average_wage,
        recorded_by=command.recorded_by,
        recorded_at=command.now,
    )
    employed = evolve(state, recorded)
    assert isinstance(employed, Insured)
    return [recorded, *prepare_waiting(employed, command.maternity, command.now)]


def _credit(state: Insured, command: CreditAccount) -> Sequence[Event]:
    _require_employee(state)
    if not MONTH.fullmatch(command.month):
        raise refusals.no_month("month")
    if command.amount <= ZERO:
        raise refusals.not_positive("amount")
    credited = state.credits.get(command.month)
    if credited == command.amount:
        return []
    if credited is not None:
        raise refusals.month_credited(command.month, credited)
    return [
        AccountCredited(
            person=state.person,
            region=state.region,
            month=command.month,
            amount=command.amount,
            recorded_by=command.recorded_by,
            credited_at=command.now,
        )
    ]


def _file(state: Insured, command: FileTreatmentAway) -> Sequence[Event]:
    if command.valid_to < command.valid_from:
        raise refusals.dates_out_of_order("valid_to", command.valid_from)
    return [
        TreatmentAwayFiled(
            person=state.person,
            filing=command.filing,
            kind=command.kind,
            area=command.area,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            recorded_by=command.recorded_by,
            recorded_at=command.now,
        )
    ]


def changed_since(state: State, command: Command) -> bool:
    """Whether what a command brought about once is otherwise by now: a repeated one is answered by how things stand."""
    match state, command:
        case Insured(), EnrolPerson():
            is_so = (state.insured_as, state.region) == (command.insured_as, command.region)
            return not is_so or state.open_period is None
        case Insured(), LapseInsurance():
            return state.open_period is not None
        case Insured(), ReturnInsurance():
            return state.open_period is None
        case Insured(), TransferInsurance(region=region):
            return state.region != region or state.open_period is None
        case Insured(), AssignClass(person_class=person_class, valid_from=day):
            return state.class_on(day) != person_class
        case Insured(), RecordEmployment():
            known = state.employment
            return known is None or known.average_wages.get(command.year) != command.average_wage
        case _:
            return False


def _require_employee(state: Insured) -> None:
    if state.insured_as != "employee":
        raise refusals.employees_only()
