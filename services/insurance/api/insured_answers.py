"""How an insured person's standing is shown: to the person, and to clerks."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services.insurance.cover import NOT_YET_SETTLED
from services.insurance.domain.annulment import ANNULLED
from services.insurance.domain.insured_state import (
    Allowance,
    AllowanceStatus,
    Held,
    HeldStatus,
    Insured,
    RepaymentStatus,
)
from services.insurance.domain.pricing import totals_of
from services.insurance.finding import Found
from services.insurance.policies import policies
from shared.contracts.case_items import Words
from shared.contracts.insurance import ClaimHeld, HeldMatter, InsuredAs, YearTotals
from shared.department.answer import Answer, division_name, words
from shared.standards.money import Yuan
from shared.standards.text import Text

VOID = Text(f"参保登记自始无效：{ANNULLED.zh}。", f"The cover is void from its beginning: {ANNULLED.en}.")
_UNPAID: tuple[AllowanceStatus, ...] = ("prepared", "rejected")


class PeriodShown(Answer):
    region: str
    region_name: str
    start: date
    end: date | None  # first day without


class ClassShown(Answer):
    person_class: str
    since: date


class FilingShown(Answer):
    filing: UUID
    kind: Literal["filed", "referred"]
    area: str
    area_name: str
    valid_from: date
    valid_to: date


class WageShown(Answer):
    year: int
    average_wage: Yuan


class EmploymentShown(Answer):
    employer: str
    employer_name: str
    average_wages: list[WageShown]


class YearShown(Answer):
    year: int
    settlements: int
    totals: YearTotals


class ConfirmedBy(Answer):
    """An agent of the insured person, and the mandate."""

    agent: UUID
    agent_name: str
    mandate: UUID


class AllowanceShown(Answer):
    """`words` says how the amount was reckoned; `rejection`, why the bank did not pay it."""

    allowance: UUID
    status: AllowanceStatus
    amount: Yuan
    employer_name: str
    fund_days: int
    leave_days: int
    rule: str
    words: Words
    prepared_at: datetime
    rejection: str | None
    confirmed_by: ConfirmedBy | None  # an agent, under a mandate; null: the insured person, or nobody yet


class HeldBrief(Answer):
    """More of it under `/held/{held}`."""

    held: UUID
    matter: HeldMatter
    status: HeldStatus
    amount: Yuan
    hospital_name: str | None
    concerns: list[Words]
    held_at: datetime


class RepaymentBrief(Answer):
    repayment: UUID
    amount: Yuan
    reason: Words
    status: RepaymentStatus
    ordered_at: datetime


class InsuredShown(Answer):
    person: UUID
    name: str
    id_number: str  # masked
    insured_as: InsuredAs
    region: str
    region_name: str
    policy: Words | None  # null: none of this place is laid down here
    notice: Words | None  # what cover lacks: bills that cannot be settled on line yet, an annulled entry
    is_insured: bool  # today
    person_class: str
    periods: list[PeriodShown]
    classes: list[ClassShown]
    account: Yuan
    employment: EmploymentShown | None
    filings: list[FilingShown]
    years: list[YearShown]
    allowances: list[AllowanceShown]
    held: list[HeldBrief]  # what waits for two officers (待核实)
    repayments: list[RepaymentBrief]  # what is to be paid back
    payee_account: str  # the kind, and of a card the last four digits


class InsuredFound(Answer):
    """What a window, or the clerk of another place, is told of someone whose ID number he has. `is_insured`: today;
    else `region` is where he was insured last."""

    person: UUID
    name: str  # masked
    id_number: str  # masked
    insured_as: InsuredAs
    region: str
    region_name: str
    policy: Words | None  # null: none of this place is laid down here, and nothing can be settled on line yet
    is_insured: bool


def show_found(found: Found) -> InsuredFound:
    region = found.period.region
    return InsuredFound(
        person=found.person,
        name=found.name,
        id_number=found.id_number,
        insured_as=found.insured_as,
        region=region,
        region_name=division_name(region),
        policy=_policy(region, found.insured_as),
        is_insured=found.is_insured,
    )


def show_insured(insured: Insured, today: date) -> InsuredShown:
    policy = _policy(insured.region, insured.insured_as)
    return InsuredShown(
        person=insured.person,
        name=insured.name,
        id_number=insured.id_number.masked,
        insured_as=insured.insured_as,
        region=insured.region,
        region_name=division_name(insured.region),
        policy=policy,
        notice=words(VOID) if insured.voided else None if policy else words(NOT_YET_SETTLED),
        is_insured=insured.is_insured(today),
        person_class=insured.class_on(today),
        periods=[
            PeriodShown(region=one.region, region_name=division_name(one.region), start=one.start, end=one.end)
            for one in insured.periods
        ],
        classes=[ClassShown(since=since, person_class=person_class) for since, person_class in insured.classes],
        account=insured.account,
        employment=_employment(insured),
        filings=[
            FilingShown(
                filing=one.filing,
                kind=one.kind,
                area=one.area,
                area_name=division_name(one.area),
                valid_from=one.valid_from,
                valid_to=one.valid_to,
            )
            for one in insured.filings
        ],
        years=[
            YearShown(year=year, settlements=len(settled), totals=_totals(insured, year))
            for year, settled in sorted(insured.years.items())
        ],
        allowances=[show_allowance(one) for one in insured.allowances.values()],
        held=[_held(one) for one in insured.held.values()],
        repayments=[
            RepaymentBrief(
                repayment=one.of.order,
                amount=one.of.amount,
                reason=Words(zh=one.of.reason_zh, en=one.of.reason_en),
                status=one.status,
                ordered_at=one.of.ordered_at,
            )
            for one in insured.repayments.values()
            if one.of.payee == str(insured.person)
        ],
        payee_account=_masked(insured.payee_account),
    )


def _policy(region: str, insured_as: InsuredAs) -> Words | None:
    policy = policies().find(region, insured_as)
    return words(policy.name) if policy else None


def _held(known: Held) -> HeldBrief:
    of = known.of
    is_bill = isinstance(of, ClaimHeld)
    return HeldBrief(
        held=of.held if isinstance(of, ClaimHeld) else of.allowance,
        matter="settlement" if is_bill else "allowance",
        status=known.status,
        amount=of.sheet.medfee_sumamt if isinstance(of, ClaimHeld) else of.amount,
        hospital_name=of.hospital_name if isinstance(of, ClaimHeld) else None,
        concerns=[Words(zh=one.zh, en=one.en) for one in of.concerns],
        held_at=of.held_at,
    )


def _masked(account: str) -> str:
    kind, _, number = account.partition(":")
    return f"{kind}:****{number[-4:]}" if kind == "bank-card" else kind


def _employment(insured: Insured) -> EmploymentShown | None:
    known = insured.employment
    if known is None:
        return None
    return EmploymentShown(
        employer=known.employer,
        employer_name=known.employer_name,
        average_wages=[WageShown(year=year, average_wage=wage) for year, wage in sorted(known.average_wages.items())],
    )


def _totals(insured: Insured, year: int) -> YearTotals:
    totals = totals_of(insured, year)
    return YearTotals.model_validate({name: getattr(totals, name) for name in YearTotals.model_fields})


def show_allowance(allowance: Allowance) -> AllowanceShown:
    of = allowance.prepared
    return AllowanceShown(
        allowance=of.allowance,
        status=allowance.status,
        amount=of.amount,
        employer_name=of.employer_name,
        fund_days=of.fund_days,
        leave_days=of.leave_days,
        rule=of.rule,
        words=words(_reckoned(of.average_wage, of.clamped_wage, of.fund_days, of.amount)),
        prepared_at=of.prepared_at,
        rejection=allowance.rejection.reason if allowance.rejection and allowance.status in _UNPAID else None,
        confirmed_by=_confirmed_by(allowance),
    )


def _confirmed_by(allowance: Allowance) -> ConfirmedBy | None:
    confirmed = allowance.confirmed
    if confirmed is None or confirmed.mandate is None or confirmed.agent is None:
        return None
    return ConfirmedBy(agent=confirmed.agent, agent_name=confirmed.agent_name or "", mandate=confirmed.mandate)


def _reckoned(average: Decimal, clamped: Decimal, days: int, amount: Decimal) -> Text:
    zh = f"用人单位上年度职工月平均工资{average}元"
    en = f"the employer's average monthly wage of last year, {average} yuan"
    if clamped != average:
        zh += f"，按当地平均工资的{'下限' if clamped > average else '上限'}计为{clamped}元"
        en += f", {'raised' if clamped > average else 'held'} to the limit of the local average, {clamped} yuan"
    return Text(f"{zh}，÷30×{days}天={amount}元", f"{en}, / 30 x {days} days = {amount} yuan")
