"""Events that insurance keeps to itself. Stored for ever: add optional fields, never rename, retype or remove."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event
from shared.standards.money import Yuan


class EmploymentRecorded(Event):
    """Who employs an insured person, and the employer's average monthly wage of a year."""

    person: UUID
    employer: str  # GB 32100
    employer_name: str
    year: int
    average_wage: Yuan
    recorded_by: UUID
    recorded_at: datetime


class AccountCredited(Event):
    """The month's contribution went into the personal account."""

    person: UUID
    region: str
    month: str  # '2023-07'
    amount: Yuan
    recorded_by: UUID
    credited_at: datetime


class TreatmentAwayFiled(Event):
    """Treatment away from home was filed (备案), or a doctor referred there (转诊)."""

    person: UUID
    filing: UUID
    kind: Literal["filed", "referred"]
    area: str  # a city or province; treatment within it is meant
    valid_from: date
    valid_to: date
    recorded_by: UUID
    recorded_at: datetime


class PaymentBooked(Event):
    """The local ledger paid: out of one account, to a payee. Stream `payment-<order id>`."""

    order: UUID
    debit: str  # ledger account that the money is for
    credit: str  # ledger account it comes out of
    region: str
    amount: Yuan
    booked_at: datetime


class HospitalPaymentOrdered(Event):
    """What is due to a hospital up to a month's end, less what was ordered before. Stream `payout-<hospital>`."""

    order: UUID
    hospital: str  # GB 32100
    month: str  # '2023-07'
    amount: Yuan
    ordered_by: UUID
    ordered_at: datetime
