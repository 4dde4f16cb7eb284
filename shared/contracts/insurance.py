"""What insurance (medical insurance) says in public. Stored for ever: add optional fields, never rename, retype or
remove."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.case_items import ItemDone, ItemRefused, ItemUndone, ItemWaiting
from shared.contracts.erasure import PersonErased, PersonKept
from shared.contracts.event import Event, Personal, PersonalOfAgent
from shared.contracts.feed import Contract, Feed
from shared.standards.id_number import IdNumber
from shared.standards.money import Yuan
from shared.standards.text import Text

InsuredAs = Literal["resident", "employee"]
Care = Literal["inpatient", "maternity"]


# insurance.enrolment: who is insured, where and as what. Stream `insured-<person id>`


class PersonInsured(Event):
    """Insured from `insured_from` on, for the first time."""

    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    insured_as: InsuredAs
    region: str  # of insurance (参保地): a city, 12 digits
    person_class: str  # 'ordinary', or one of the poor classes
    insured_from: date
    channel: Literal["counter", "event"]
    enrolled_by: UUID | None  # staff; None: it followed from another department's event
    enrolled_at: datetime
    settles: bool | None = None  # False: bills cannot be settled on line yet, for no policy of the place is laid down


class InsuranceLapsed(Event):
    """Not insured any more from `lapsed_from` on."""

    person: UUID
    region: str
    lapsed_from: date
    reason: Personal[str]
    recorded_by: UUID | None  # staff; None: it followed from another department's event
    recorded_at: datetime


class InsuranceLapseWithdrawn(Event):
    """The record of a death was withdrawn, and the lapse that followed from it is void: insured without a gap."""

    person: UUID
    region: str
    lapsed_from: date  # of the lapse
    withdrawn_at: datetime


class InsuranceReturned(Event):
    """Insured again from `insured_from` on, after a lapse."""

    person: UUID
    region: str
    insured_from: date
    recorded_by: UUID
    recorded_at: datetime


class InsuranceTransferred(Event):
    """Insured in another place from `insured_from` on, in the old one until the day before: no gap (转移接续)."""

    person: UUID
    from_region: str  # a city, 12 digits
    to_region: str
    insured_as: InsuredAs  # as before
    person_class: str
    insured_from: date
    recorded_by: UUID  # staff of the new place
    recorded_at: datetime


class InsuredClassAssigned(Event):
    """Counts as one of the poor classes, or as ordinary again, from a day on."""

    person: UUID
    person_class: str
    valid_from: date
    recorded_by: UUID
    recorded_at: datetime


class InsuredPersonCorrected(Event):
    """The household register put name or ID number right; what was settled before stays as it was told."""

    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    corrected_at: datetime


class CoverVoided(Event):
    """The entry in the register was annulled: the cover is void as if it had never begun."""

    person: UUID
    region: str
    voided_at: datetime


# insurance.settlements: what was paid for whom, and what is not believed yet. Stream `insured-<person id>`


class SettlementSheet(BaseModel):
    """结算单. Field names are those of the national platform; amounts in yuan, ratios as decimal text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    medfee_sumamt: Yuan  # total
    fulamt_ownpay_amt: Yuan  # own expense
    overlmt_selfpay: Yuan  # over a price limit
    preselfpay_amt: Yuan  # paid oneself before the fund counts
    inscp_scp_amt: Yuan  # in scope
    act_pay_dedc: Yuan  # deductible
    effective_ratio: str
    hifp_pay: Yuan  # pooled fund
    penalty_share: Yuan  # what a reduced ratio costs
    overcap: Yuan  # beyond the pooled fund's cap
    ci_compliant: Yuan  # counts for major illness
    hifmi_pay: Yuan  # major illness
    hifob_pay: Yuan  # employees' large amounts
    maf_pay: Yuan  # medical assistance
    fund_pay_sumamt: Yuan  # all funds
    psn_part_amt: Yuan  # the person
    acct_pay: Yuan  # of it from the personal account
    psn_cash_pay: Yuan  # of it in cash


class YearTotals(BaseModel):
    """What a person's year has come to, as the next settlement finds it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stays: int
    pool_used: Yuan
    ci_self: Yuan
    ci_paid: Yuan
    ma_used: Yuan
    ratio_share: Yuan


class BilledItem(BaseModel):
    """One line of a hospital's bill."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    category: Literal["A", "B", "C"]  # 甲 乙 丙
    amt: Yuan
    selfpay_prop: str  # paid oneself first, '0.10'
    own: Yuan  # own expense
    overlimit: Yuan  # over the price limit


class ExplainedLine(BaseModel):
    """Why a line of the sheet is what it is, as it was told when it was settled."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str  # of the sheet
    zh: str
    en: str
    formula: str  # with its numbers
    rules: tuple[str, ...]  # ids in the policy: 'guangxi-residents-2023/ratio.level3_city'


class ClaimSettled(Event):
    """A bill was settled at the hospital's window. Carries all that its sheet shows."""

    settlement: UUID
    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    insured_as: InsuredAs
    person_class: str
    region: str  # of insurance: a city, 12 digits
    care: Care
    hospital: str  # GB 32100
    hospital_name: str
    hospital_level: str  # 'level1' … 'level3_region'
    treatment_region: str  # a city, 12 digits
    bill_number: str  # the hospital's own
    admitted_on: date
    discharged_on: date
    diagnosis: Personal[str | None]
    items: Personal[tuple[BilledItem, ...]]
    place: str  # 'city', 'region', 'across': of treatment, seen from the place of insurance
    filing: str  # 'none', 'filed', 'referred', 'emergency'
    policy: str
    policy_version: str
    lines: tuple[ExplainedLine, ...]
    year: int  # of the discharge
    before: YearTotals
    after: YearTotals
    sheet: SettlementSheet
    relief: Yuan  # what the same bill would have cost the person more before the policy's relief
    replaces: UUID | None  # the settlement that was reversed for this one
    window: UUID  # staff
    settled_at: datetime
    children: Personal[int | None] = None  # born; of maternity care
    is_difficult_birth: Personal[bool | None] = None
    relief_rule: str | None = None  # 'guangxi-residents-2023-07/relief'; None: no relief applies


class Concern(BaseModel):
    """Why a payment is not believed yet (待核实): which dated rule it meets, and the rule in words."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str  # 'interval', 'overlap', 'double' …
    rule: str  # id of the dated rule: 'maternity.interval.2023'
    zh: str
    en: str
    about: UUID | None = None  # the other bill, by the id of its first settlement


class ClaimHeld(Event):
    """A bill is implausible and held (待核实): nothing is paid or counted until two officers have decided on it.

    Carries the bill, and what it would have come to when it came in.
    """

    held: UUID  # id of the settlement, should it be released
    person: UUID
    name: Personal[str]
    id_number: Personal[IdNumber]
    region: str  # of insurance
    care: Care
    hospital: str  # GB 32100
    hospital_name: str
    treatment_region: str
    bill_number: str
    admitted_on: date
    discharged_on: date
    is_emergency: bool
    diagnosis: Personal[str | None]
    items: Personal[tuple[BilledItem, ...]]
    children: Personal[int | None]
    is_difficult_birth: Personal[bool | None]
    concerns: Personal[tuple[Concern, ...]]
    policy_version: str
    lines: tuple[ExplainedLine, ...]
    sheet: SettlementSheet  # what it would come to
    replaces: UUID | None  # a settlement that stands until this one is released
    reason: str | None  # why it is settled anew
    window: UUID  # staff
    held_at: datetime


HeldMatter = Literal["settlement", "allowance"]


class HeldReleased(Event):
    """Two officers found that a held payment is right; what it is for follows."""

    held: UUID
    matter: HeldMatter
    person: UUID
    region: str
    amount: Yuan  # of the bill, or of the allowance
    hospital_name: str | None  # of a bill
    reason_zh: Personal[str]
    reason_en: Personal[str]
    proposed_by: UUID  # staff
    released_by: UUID  # another of the staff
    released_at: datetime


class HeldRefused(Event):
    """Two officers found that a held payment is not right: it is not made."""

    held: UUID
    matter: HeldMatter
    person: UUID
    region: str
    amount: Yuan
    hospital_name: str | None
    reason_zh: Personal[str]
    reason_en: Personal[str]
    proposed_by: UUID
    refused_by: UUID
    refused_at: datetime


class HeldWithdrawn(Event):
    """A held payment is no longer asked for: the hospital took its bill back, or what it rests on is gone."""

    held: UUID
    matter: HeldMatter
    person: UUID
    region: str
    amount: Yuan
    hospital_name: str | None
    reason: Personal[str]
    withdrawn_by: UUID | None  # staff of the window; None: it followed from something else
    withdrawn_at: datetime


class RepaymentPart(BaseModel):
    """What a fund gets back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fund: str  # 'pooled_fund', 'maternity_benefits' …
    amount: Yuan


class RepaymentOrdered(Event):
    """Money that was paid rests on nothing any more: it is to be paid back (责令退回)."""

    order: UUID
    person: UUID  # for whom it was paid
    matter: HeldMatter
    of: UUID  # the settlement or allowance
    payee: str  # who got it: a person's id, a hospital's code
    region: str  # whose funds get it back
    amount: Yuan
    parts: tuple[RepaymentPart, ...]
    cause: UUID  # the entry of the register that was annulled
    reason_zh: Personal[str]
    reason_en: Personal[str]
    ordered_at: datetime


class RepaymentRecorded(Event):
    """It was paid back, as two officers recorded."""

    order: UUID
    person: UUID
    payee: str
    region: str
    amount: Yuan
    parts: tuple[RepaymentPart, ...]
    receipt: Personal[str]  # the bank's
    proposed_by: UUID
    recorded_by: UUID
    recorded_at: datetime


class RepaymentDropped(Event):
    """Nothing is to be paid back: two officers dropped the order, or the bank had never paid."""

    order: UUID
    person: UUID
    payee: str
    region: str
    amount: Yuan
    parts: tuple[RepaymentPart, ...]
    reason: Personal[str]
    proposed_by: UUID | None  # None: it followed from the payment
    dropped_by: UUID | None
    dropped_at: datetime


class SettlementReversed(Event):
    """A settlement was undone; its amounts are told again, to be taken back."""

    settlement: UUID
    person: UUID
    care: Care
    region: str
    treatment_region: str
    hospital: str
    year: int
    sheet: SettlementSheet  # as it was settled
    after: YearTotals  # as they were before it was settled
    reason: Personal[str]
    reversed_by: UUID
    reversed_at: datetime


# insurance.benefits: maternity. Streams `insured-<person id>`, `uncovered-<person id>`


class MaternityAllowancePrepared(Event):
    """A birth's costs were settled: the allowance is reckoned, and one confirmation away."""

    allowance: UUID
    person: UUID
    settlement: UUID
    employer: str  # GB 32100
    employer_name: str
    average_wage: Yuan  # the employer's of last year, a month
    clamped_wage: Yuan  # within the limits of the local average
    fund_days: int  # paid by the fund
    leave_days: int  # of leave
    amount: Yuan
    rule: str  # id of the parameters, 'guangxi.maternity.2023'
    prepared_at: datetime


class MaternityAllowanceConfirmed(Event):
    """The mother, or her agent under a mandate, wants it; it is paid to her own account."""

    allowance: UUID
    person: UUID
    amount: Yuan
    confirmed_at: datetime
    mandate: UUID | None = None  # under which it was done for her
    agent: UUID | None = None  # who did it under the mandate
    agent_name: PersonalOfAgent[str | None] = None


class MaternityAllowanceHeld(Event):
    """A confirmed allowance is implausible and held (待核实): not paid until two officers have decided on it."""

    allowance: UUID
    person: UUID
    region: str
    amount: Yuan
    concerns: Personal[tuple[Concern, ...]]
    held_at: datetime
    mandate: UUID | None = None  # under which it was confirmed for her
    agent: UUID | None = None
    agent_name: PersonalOfAgent[str | None] = None


class MaternityAllowancePaid(Event):
    """The payment is made."""

    allowance: UUID
    person: UUID
    region: str
    amount: Yuan
    receipt: str  # the payment's own reference
    paid_at: datetime


class MaternityAllowanceWithdrawn(Event):
    """The settlement it rested on was reversed before anything was paid."""

    allowance: UUID
    person: UUID
    withdrawn_at: datetime


class MaternityAllowancePaymentRejected(Event):
    """The bank did not pay it. It waits for the mother to name another account and confirm once more."""

    allowance: UUID
    person: UUID
    region: str
    amount: Yuan
    code: str  # 'account_closed', 'account_unknown', 'name_differs' …, else the bank's own
    reason: Personal[str]
    rejected_at: datetime


class MaternityNotCovered(Event):
    """A birth's bill came for a mother whom the insurance does not cover: why, and what to do."""

    person: UUID
    hospital: str
    bill_number: str
    code: Literal["not_insured", "insurance_lapsed", "not_yet_insured"]
    discharged_on: date
    recorded_at: datetime


# insurance.clearing: between regions. Stream `clearing-<region of insurance>`; of earlier days `clearing-book`


class ClearingStatement(BaseModel):
    """What a region of insurance owes a region of treatment for a month; below zero, it is owed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    owed_by: str  # region of insurance
    owed_to: str  # region of treatment
    settlements: int  # reversed ones counted off
    amount: Yuan


class ClearingCorrection(BaseModel):
    """The part of a statement that corrects earlier months: reversed, settled anew or come in after those closed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    owed_by: str
    owed_to: str
    settlements: int  # reversed ones counted off
    amount: Yuan


class RegionBalance(BaseModel):
    """What a region gets (positive) or gives; over all regions the sum is zero."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    region: str
    amount: Yuan


class ClearingMonthClosed(Event):
    """A month between regions is reckoned and stays as it is; what comes later corrects the next one."""

    month: str  # '2023-07'
    statements: tuple[ClearingStatement, ...]
    balances: tuple[RegionBalance, ...]
    closed_by: UUID
    closed_at: datetime
    corrections: tuple[ClearingCorrection, ...] = ()
    region: str | None = None  # whose book it is; None: closed for all regions at once, as in earlier days
    proposed_by: UUID | None = None  # another of the staff than who closed it


# insurance.case_items: what medical insurance answers cases. Stream `item-<case id>-<item>`


class InsuranceItemWaiting(ItemWaiting):
    """Medical insurance took an item on and waits for something."""


class InsuranceItemDone(ItemDone):
    """Medical insurance did an item."""


class InsuranceItemRefused(ItemRefused):
    """Medical insurance did not do an item."""


class InsuranceItemUndone(ItemUndone):
    """Medical insurance was told that an item is no longer wanted."""


# insurance.erasures: what becomes of a person's data here. Stream `erasure-<person id>`


class InsuranceErased(PersonErased):
    """Medical insurance erased what it had recorded about a person."""


class InsuranceKept(PersonKept):
    """Medical insurance keeps what it recorded about a person, by law."""


ENROLMENT = Feed(
    "insurance",
    "enrolment",
    Text(zh="参保登记", en="enrolment"),
    (
        PersonInsured,
        InsuranceLapsed,
        InsuranceLapseWithdrawn,
        InsuranceReturned,
        InsuredClassAssigned,
        InsuredPersonCorrected,
        InsuranceTransferred,
        CoverVoided,
    ),
)
SETTLEMENTS = Feed(
    "insurance",
    "settlements",
    Text(zh="医疗费用结算", en="settlements"),
    (
        ClaimSettled,
        SettlementReversed,
        ClaimHeld,
        HeldReleased,
        HeldRefused,
        HeldWithdrawn,
        RepaymentOrdered,
        RepaymentRecorded,
        RepaymentDropped,
    ),
)
BENEFITS = Feed(
    "insurance",
    "benefits",
    Text(zh="生育待遇", en="maternity benefits"),
    (
        MaternityAllowancePrepared,
        MaternityAllowanceConfirmed,
        MaternityAllowancePaid,
        MaternityAllowanceWithdrawn,
        MaternityNotCovered,
        MaternityAllowancePaymentRejected,
        MaternityAllowanceHeld,
    ),
)
CLEARING = Feed("insurance", "clearing", Text(zh="地区间清算", en="clearing between regions"), (ClearingMonthClosed,))

CASE_ITEMS = Feed(
    "insurance",
    "case_items",
    Text(zh="医保对一件事事项的答复", en="answers of medical insurance to cases"),
    (InsuranceItemWaiting, InsuranceItemDone, InsuranceItemRefused, InsuranceItemUndone),
)

ERASURES = Feed(
    "insurance",
    "erasures",
    Text(zh="医保部门对个人信息删除请求的答复", en="answers to requests for erasure"),
    (InsuranceErased, InsuranceKept),
)

INSURANCE = Contract(
    "insurance",
    Text(zh="医疗保障", en="Medical insurance"),
    (ENROLMENT, SETTLEMENTS, BENEFITS, CLEARING, CASE_ITEMS, ERASURES),
)
