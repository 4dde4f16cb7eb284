"""Double entry (复式记账): what each event means in the ledger.

A posting moves an amount from one account to another: its debit is its credit, so every event balances by itself, and
so does each region's part of it, for what passes between regions goes over clearing accounts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.insurance.domain.events import (
    AccountCredited,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
)
from services.insurance.domain.payment import Kind
from shared.contracts.event import Event
from shared.contracts.insurance import (
    ClaimSettled,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
    SettlementReversed,
)
from shared.standards.money import ZERO
from shared.standards.shanghai import day_in_shanghai

FUNDS = {
    "hifp_pay": "pooled_fund",
    "hifmi_pay": "major_illness",
    "hifob_pay": "large_amount",
    "maf_pay": "assistance",
    "acct_pay": "personal_account",
}
"""Who pays, by line of the sheet; the region's own account each."""

BENEFITS = "maternity_benefits"
CASH = "insured_cash"
BANK = "bank"
TRANSIT = "in_transit"
CONTRIBUTIONS = "contributions"
RECEIVABLE = "receivable"  # what is ordered to be paid back


@dataclass(frozen=True, slots=True)
class Posting:
    """Accounts are '<kind>:<owner>', the owner a region, a hospital or a person. `region`: in whose books it stands."""

    debit: str
    credit: str
    amount: Decimal  # above zero
    region: str

    @property
    def undone(self) -> "Posting":
        return Posting(self.credit, self.debit, self.amount, self.region)


def postings_of(event: Event) -> Iterator[Posting]:
    match event:
        case ClaimSettled():
            yield from _settlement(event)
        case SettlementReversed():
            yield from (one.undone for one in _settlement(event))
        case AccountCredited(person=person, region=region, amount=amount):
            yield Posting(f"{CONTRIBUTIONS}:{region}", f"personal_account:{person}", amount, region)
        case PaymentBooked(debit=debit, credit=credit, amount=amount, region=region):
            yield Posting(debit, credit, amount, region)
        case PaymentOrdered():
            yield from _ordered(event)
        case PaymentRejected():
            yield from (one.undone for one in _ordered(event))
        case PaymentSettled(payer=payer, receiver=receiver, amount=amount):
            yield Posting(f"{TRANSIT}:{payer.region}", f"{BANK}:{payer.region}", amount, payer.region)
            if receiver:
                yield Posting(f"{BANK}:{receiver.region}", f"{TRANSIT}:{receiver.region}", amount, receiver.region)
        case RepaymentOrdered():
            yield from _asked_back(event)
        case RepaymentDropped():
            yield from (one.undone for one in _asked_back(event))
        case RepaymentRecorded(region=region, amount=amount):
            yield Posting(f"{BANK}:{region}", f"{RECEIVABLE}:{region}", amount, region)


def _ordered(event: PaymentOrdered | PaymentRejected) -> Iterator[Posting]:
    """What is ordered is on its way: off the account it is for, and not yet off the bank's."""
    payer = event.payer
    yield Posting(payer.account, f"{TRANSIT}:{payer.region}", event.amount, payer.region)
    if receiver := event.receiver:
        yield Posting(f"{TRANSIT}:{receiver.region}", receiver.account, event.amount, receiver.region)


def _asked_back(event: RepaymentOrdered | RepaymentDropped) -> Iterator[Posting]:
    """The funds have a claim instead of the money."""
    for part in event.parts:
        yield Posting(f"{RECEIVABLE}:{event.region}", f"{part.fund}:{event.region}", part.amount, event.region)


def _settlement(event: ClaimSettled | SettlementReversed) -> Iterator[Posting]:
    sheet, hospital = event.sheet, hospital_account(event.hospital)
    is_away = event.region != event.treatment_region
    owed, owing = clearing_account(event.treatment_region), clearing_account(event.region)
    for line, fund in FUNDS.items():
        amount: Decimal = getattr(sheet, line)
        if amount == ZERO:
            continue
        owner = event.person if fund == "personal_account" else event.region
        yield Posting(f"{fund}:{owner}", owing if is_away else hospital, amount, event.region)
        if is_away:
            yield Posting(owed, hospital, amount, event.treatment_region)
    if sheet.psn_cash_pay > ZERO:
        yield Posting(f"{CASH}:{event.hospital}", hospital, sheet.psn_cash_pay, event.treatment_region)


def cleared(event: ClaimSettled | SettlementReversed) -> Decimal:
    """What the place of insurance owes the place of treatment for it: funds and personal account."""
    if event.region == event.treatment_region:
        return ZERO
    return owed_to_hospital(event)


def owed_to_hospital(event: ClaimSettled | SettlementReversed) -> Decimal:
    """By funds and personal account; the cash it has. Below zero: to be taken back."""
    amount = event.sheet.fund_pay_sumamt + event.sheet.acct_pay
    return amount if isinstance(event, ClaimSettled) else -amount


def month_of(event: ClaimSettled | SettlementReversed) -> str:
    """The month in China in which it counts, '2023-07'."""
    at = event.settled_at if isinstance(event, ClaimSettled) else event.reversed_at
    return f"{day_in_shanghai(at):%Y-%m}"


def hospital_account(code: str) -> str:
    return f"hospital:{code}"


def clearing_account(region: str) -> str:
    """Its credit is what the region owes others, its debit what they owe it."""
    return f"clearing:{region}"


def kind_of(booked: PaymentBooked) -> tuple[Kind, str]:
    """What a payment of earlier days was for, and whom it went to as far as its posting says so."""
    kind, _, owner = booked.debit.partition(":")
    return ("hospital", owner) if kind == "hospital" else ("allowance", "")
