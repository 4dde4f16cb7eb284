"""How a person stands with the insurance, and how its events move him on. One stream a person: enrolment, personal
account and every year's settlements decide as one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeVar
from uuid import UUID, uuid5

from services.insurance.domain.events import (
    AccountCredited,
    BirthNoted,
    BirthStruck,
    EmploymentRecorded,
    HeldDecisionProposed,
    PayeeAccountNamed,
    RepaymentStepProposed,
    TreatmentAwayFiled,
)
from services.insurance.domain.plausibility import Birth, Reviews
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimHeld,
    ClaimSettled,
    CoverVoided,
    HeldRefused,
    HeldReleased,
    HeldWithdrawn,
    InsuranceLapsed,
    InsuranceLapseWithdrawn,
    InsuranceReturned,
    InsuranceTransferred,
    InsuredAs,
    InsuredClassAssigned,
    InsuredPersonCorrected,
    MaternityAllowanceConfirmed,
    MaternityAllowanceHeld,
    MaternityAllowancePaid,
    MaternityAllowancePaymentRejected,
    MaternityAllowancePrepared,
    MaternityAllowanceWithdrawn,
    PersonInsured,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
    SettlementReversed,
)
from shared.standards.id_number import IdNumber
from shared.standards.money import ZERO
from shared.standards.name_spelling import spelt

AllowanceStatus = Literal["prepared", "confirmed", "held", "refused", "paid", "rejected", "withdrawn"]
"""'rejected': its payment was, and no other account has been named since. 'held', 'refused': see `Held`."""

HeldStatus = Literal["held", "released", "refused", "withdrawn"]
RepaymentStatus = Literal["ordered", "repaid", "dropped"]

BILLS = UUID("7c3f4a52-6d0e-5b1c-9a57-2f6b8e0d4c11")

DEATH = "死亡"  # the reason of every lapse that no clerk recorded

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class NotInsured:
    """Not enrolled yet; the register may have told of children."""

    births: tuple[Birth, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Insured with `region` from `start` until the day before `end`."""

    region: str
    start: date
    end: date | None = None
    ended_by_death: bool = False

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
    status: AllowanceStatus = "prepared"
    confirmations: int = 0
    rejection: MaternityAllowancePaymentRejected | None = None  # the latest
    confirmed: MaternityAllowanceConfirmed | None = None  # the latest


@dataclass(frozen=True, slots=True)
class Held:
    """A payment that is not believed yet, or was not (待核实). `proposal`: the latest one."""

    of: ClaimHeld | MaternityAllowanceHeld
    status: HeldStatus = "held"
    proposal: HeldDecisionProposed | None = None
    decided: HeldReleased | HeldRefused | HeldWithdrawn | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    """An order to pay back."""

    of: RepaymentOrdered
    status: RepaymentStatus = "ordered"
    proposal: RepaymentStepProposed | None = None
    ended: RepaymentRecorded | RepaymentDropped | None = None


@dataclass(frozen=True, slots=True)
class Insured:
    person: UUID
    name: str
    id_number: IdNumber
    insured_as: InsuredAs
    region: str  # now, or when it lapsed
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
    named_account: str | None = None
    births: tuple[Birth, ...] = ()  # as the register told
    held: Mapping[UUID, Held] = field(default_factory=lambda: MappingProxyType({}))
    reviews: Reviews = field(default_factory=lambda: MappingProxyType({}))
    """By bill: which doubts two officers have looked at and released."""
    repayments: Mapping[UUID, Repayment] = field(default_factory=lambda: MappingProxyType({}))
    voided: CoverVoided | None = None  # the entry in the register was annulled

    @property
    def payee_account(self) -> str:
        """Where benefits are paid to: as named, else the account of the social-security card."""
        return self.named_account or f"social-security-card:{self.person}"

    @property
    def open_period(self) -> Period | None:
        """None: lapsed, or void."""
        if self.voided:
            return None
        last = self.periods[-1]
        return last if last.end is None else None

    @property
    def transferred_on(self) -> date | None:
        """First day with the present place. None: it is the first one."""
        earlier = [one for one in self.periods if one.region != self.region]
        if not earlier:
            return None
        last = self.periods.index(earlier[-1])
        return self.periods[last + 1].start

    def period_on(self, day: date) -> Period | None:
        """None: not insured on that day."""
        if self.voided:
            return None
        return next((period for period in self.periods if period.holds(day)), None)

    def is_insured(self, day: date) -> bool:
        return self.period_on(day) is not None

    def class_on(self, day: date) -> str:
        """Before the first entry the first one holds."""
        begun = [person_class for since, person_class in self.classes if since <= day]
        return begun[-1] if begun else self.classes[0][1]

    def settlement(self, id: UUID) -> ClaimSettled | None:
        """One that is settled and not reversed."""
        return next((one for year in self.years.values() for one in year if one.settlement == id), None)

    def region_of(self, settlement: UUID) -> str:
        """The place whose insurance settled it, reversed or not."""
        return (self.settlement(settlement) or self.reversed[settlement]).region


State = NotInsured | Insured


def evolve(state: State, event: Event) -> State:
    match event:
        case BirthNoted(child=child, born_on=born_on):
            return replace(state, births=(*state.births, Birth(child, born_on)))
        case BirthStruck(child=child):
            return replace(state, births=tuple(one for one in state.births if one.child != child))
    if isinstance(event, PersonInsured):
        return Insured(
            births=state.births,
            person=event.person,
            name=spelt(event.name),
            id_number=event.id_number,
            insured_as=event.insured_as,
            region=event.region,
            periods=(Period(event.region, event.insured_from),),
            classes=((event.insured_from, event.person_class),),
        )
    return state if isinstance(state, NotInsured) else _evolve(state, event)


def _evolve(state: Insured, event: Event) -> Insured:
    match event:
        case InsuranceLapsed(lapsed_from=day, recorded_by=recorded_by):
            ended = replace(state.periods[-1], end=day, ended_by_death=recorded_by is None)
            return replace(state, periods=(*state.periods[:-1], ended))
        case InsuranceLapseWithdrawn():
            return replace(state, periods=_without_deaths(state.periods))
        case InsuranceReturned(insured_from=day):
            return replace(state, periods=(*state.periods, Period(state.region, day)))
        case InsuranceTransferred():
            return _transferred(state, event)
        case InsuredClassAssigned(person_class=person_class, valid_from=day):
            return replace(state, classes=_from(state.classes, day, person_class))
        case InsuredPersonCorrected(name=name, id_number=id_number):
            return replace(state, name=spelt(name), id_number=id_number)
        case EmploymentRecorded():
            known = state.employment.average_wages if state.employment else {}
            wages = _with(known, event.year, event.average_wage)
            return replace(state, employment=Employment(event.employer, event.employer_name, wages))
        case AccountCredited(month=month, amount=amount):
            return replace(state, account=state.account + amount, credits=_with(state.credits, month, amount))
        case PayeeAccountNamed(account=account):
            return replace(state, named_account=account, allowances=_confirmable(state.allowances))
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
        case ClaimHeld(held=held):
            return replace(state, held=_with(state.held, held, Held(event)))
        case HeldDecisionProposed(held=held):
            return replace(state, held=_with(state.held, held, replace(state.held[held], proposal=event)))
        case HeldReleased() | HeldRefused() | HeldWithdrawn():
            return _decided(state, event)
        case RepaymentOrdered(order=order):
            return replace(state, repayments=_with(state.repayments, order, Repayment(event)))
        case RepaymentStepProposed(order=order):
            proposed = replace(state.repayments[order], proposal=event)
            return replace(state, repayments=_with(state.repayments, order, proposed))
        case RepaymentRecorded(order=order) | RepaymentDropped(order=order):
            status: RepaymentStatus = "repaid" if isinstance(event, RepaymentRecorded) else "dropped"
            over = replace(state.repayments[order], status=status, ended=event)
            return replace(state, repayments=_with(state.repayments, order, over))
        case CoverVoided():
            return replace(state, voided=event)
        case MaternityAllowanceHeld(allowance=id):
            held_now = replace(state, held=_with(state.held, id, Held(event)))
            return replace(held_now, allowances=_allowances(state.allowances, event))
        case _:
            return replace(state, allowances=_allowances(state.allowances, event))


def _decided(state: Insured, event: HeldReleased | HeldRefused | HeldWithdrawn) -> Insured:
    known = state.held[event.held]
    status: HeldStatus = (
        "released" if isinstance(event, HeldReleased) else "refused" if isinstance(event, HeldRefused) else "withdrawn"
    )
    after = replace(state, held=_with(state.held, event.held, replace(known, status=status, decided=event)))
    if isinstance(event, HeldReleased):
        concerns = known.proposal.concerns if known.proposal else known.of.concerns
        bill = bill_of(state, known.of)
        seen = state.reviews.get(bill, frozenset()) | {(one.code, one.about) for one in concerns}
        after = replace(after, reviews=_with(state.reviews, bill, seen))
    elif event.matter == "allowance" and isinstance(event, HeldRefused):
        refused = replace(state.allowances[event.held], status="refused")
        after = replace(after, allowances=_with(state.allowances, event.held, refused))
    return after


def bill_of(state: Insured, of: ClaimHeld | MaternityAllowanceHeld) -> UUID:
    """The bill that is doubted, by the id of its first settlement."""
    if isinstance(of, MaternityAllowanceHeld):
        return state.allowances[of.allowance].prepared.settlement
    return settlement_of(of.hospital, of.bill_number)


def settlement_of(hospital: str, bill_number: str) -> UUID:
    """A bill has one settlement: its id follows from the hospital's own number."""
    return uuid5(BILLS, f"{hospital}\n{bill_number}")


def _without_deaths(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """Each goes on until the next one begins, if a clerk recorded one since; the last is open again."""
    following = (*(period.start for period in periods[1:]), None)
    return tuple(
        replace(period, end=then, ended_by_death=False) if period.ended_by_death else period
        for period, then in zip(periods, following, strict=True)
    )


def _transferred(state: Insured, event: InsuranceTransferred) -> Insured:
    day = event.insured_from
    ended = replace(state.periods[-1], end=day)
    return replace(
        state,
        region=event.to_region,
        periods=(*state.periods[:-1], ended, Period(event.to_region, day)),
        classes=_from(state.classes, day, event.person_class),
    )


def _from(classes: tuple[tuple[date, str], ...], day: date, person_class: str) -> tuple[tuple[date, str], ...]:
    return (*(one for one in classes if one[0] < day), (day, person_class))


def _allowances(allowances: Mapping[UUID, Allowance], event: Event) -> Mapping[UUID, Allowance]:
    match event:
        case MaternityAllowancePrepared(allowance=id):
            return _with(allowances, id, Allowance(event))
        case MaternityAllowanceConfirmed(allowance=id):
            known = allowances[id]
            confirmations = known.confirmations + 1
            confirmed = replace(known, status="confirmed", confirmations=confirmations, confirmed=event)
            return _with(allowances, id, confirmed)
        case MaternityAllowanceHeld(allowance=id):
            of = allowances[id]  # a confirmation that was not ordered is no attempt
            attempts = of.confirmations - (of.status == "confirmed")
            return _with(allowances, id, replace(of, status="held", confirmations=attempts))
        case MaternityAllowancePaymentRejected(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="rejected", rejection=event))
        case MaternityAllowancePaid(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="paid"))
        case MaternityAllowanceWithdrawn(allowance=id):
            return _with(allowances, id, replace(allowances[id], status="withdrawn"))
        case _:
            return allowances


def _confirmable(allowances: Mapping[UUID, Allowance]) -> Mapping[UUID, Allowance]:
    """With another account named, what was rejected waits for one more confirmation."""
    return MappingProxyType(
        {id: replace(one, status="prepared") if one.status == "rejected" else one for id, one in allowances.items()}
    )


def _with(known: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**known, key: value})
