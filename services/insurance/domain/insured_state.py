"""How a person stands with the insurance, and how its events move him on. One stream a person: enrolment, personal
account and every year's settlements decide as one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeVar
from uuid import UUID

from services.insurance.domain.events import AccountCredited, EmploymentRecorded, TreatmentAwayFiled
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimSettled,
    InsuranceLapsed,
    InsuranceReturned,
    InsuredAs,
    InsuredClassAssigned,
    InsuredPersonCorrected,
    MaternityAllowanceConfirmed,
    MaternityAllowancePaid,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
    PersonInsured,
    SettlementReversed,
)
from shared.standards.id_number import IdNumber
from shared.standards.money import ZERO

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class NotInsured:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Period:
    """Insured from `start` until the day before `end`."""

    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Employment:
    employer: str
    employer_name: str
    average_wages: Mapping[int, Decimal]  # the employer's, a month, by year


@dataclass(frozen=True, slots=True)
class Allowance:
    prepared: MaternityAllowancePrepared
    status: Literal["prepared", "confirmed", "paid", "withdrawn"] = "prepared"


@dataclass(frozen=True, slots=True)
class Insured:
    person: UUID
    name: str
    id_number: IdNumber
    insured_as: InsuredAs
    region: str
    periods: tuple[Period, ...]  # in their order; the last may be open
    classes: tuple[tuple[date, str], ...]  # from a day on; the latest entry that has begun holds
    account: Decimal = ZERO  # balance of the personal account
    credits: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))  # by month
    employment: Employment | None = None
    filings: tuple[TreatmentAwayFiled, ...] = ()
    years: Mapping[int, tuple[ClaimSettled, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What is settled and not reversed, by year of discharge, in the order of settlement."""
    reversed: Mapping[UUID, SettlementReversed] = field(default_factory=lambda: MappingProxyType({}))
    allowances: Mapping[UUID, Allowance] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open_period(self) -> Period | None:
        """None: lapsed."""
        last = self.periods[-1]
        return last if last.end is None else None

    def is_insured(self, day: date) -> bool:
        return any(period.holds(day) for period in self.periods)

    def class_on(self, day: date) -> str:
        """Before the first entry the first one holds."""
        begun = [person_class for since, person_class in self.classes if since <= day]
        return begun[-1] if begun else self.classes[0][1]

    def settlement(self, id: UUID) -> ClaimSettled | None:
        """One that is settled and not reversed."""
        return next((one for year in self.years.values() for one in year if one.settlement == id), None)


State = NotInsured | Insured


def evolve(state: State, event: Event) -> State:
    if isinstance(event, PersonInsured):
        return Insured(
            person=event.person,
            name=event.name,
            id_number=event.id_number,
            insured_as=event.insured_as,
            region=event.region,
            periods=(Period(event.insured_from),),
            classes=((event.insured_from, event.person_class),),
        )
    return state if isinstance(state, NotInsured) else _evolve(state, event)


def _evolve(state: Insured, event: Event) -> Insured:
    match event:
        case InsuranceLapsed(lapsed_from=day):
            return replace(state, periods=(*state.periods[:-1], replace(state.periods[-1], end=day)))
        case InsuranceReturned(insured_from=day):
            return replace(state, periods=(*state.periods, Period(day)))
        case InsuredClassAssigned(person_class=person_class, valid_from=day):
            kept = tuple(one for one in state.classes if one[0] < day)
            return replace(state, classes=(*kept, (day, person_class)))
        case InsuredPersonCorrected(name=name, id_number=id_number):
            return replace(state, name=name, id_number=id_number)
        case EmploymentRecorded():
            known = state.employment.average_wages if state.employment else {}
            wages = _with(known, event.year, event.average_wage)
            return replace(state, employment=Employment(event.employer, event.employer_name, wages))
        case AccountCredited(month=month, amount=amount):
            return replace(state, account=state.account + amount, credits=_with(state.credits, month, amount))
        case TreatmentAwayFiled():
            return replace(state, filings=(*state.filings, event))
        case ClaimSettled(year=year):
            years = _with(state.years, year, (*state.years.get(year, ()), event))
            return replace(state, years=years, account=state.account - event.sheet.acct_pay)
        case SettlementReversed(settlement=settlement, year=year):
            left = tuple(one for one in state.years.get(year, ()) if one.settlement != settlement)
            return replace(
                state,
                years=_with(state.years, year, left),
                reversed=_with(state.reversed, settlement, event),
                account=state.account + event.sheet.acct_pay,
            )
        case _:
            return replace(state, allowances=_allowances(state.allowances, event))


def _allowances(allowances: Mapping[UUID, Allowance], event: Event) -> Mapping[UUID, Allowance]:
    match event:
        case MaternityAllowancePrepared(allowance=id):
            return _with(allowances, id, Allowance(event))
        case MaternityAllowanceConfirmed(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="confirmed"))
        case MaternityAllowancePaid(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="paid"))
        case MaternityAllowanceWithdrawn(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="withdrawn"))
        case _:
            return allowances


def _with(known: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**known, key: value})
