"""Events that insurance keeps to itself. Stored for ever: add optional fields, never rename, retype or remove."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.event import OF_THE_STREAM, Event, Personal
from shared.contracts.insurance import ClearingCorrection, ClearingStatement, Concern
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
    """The local ledger paid: out of one account, to a payee. Stream `payment-<order id>`.

    Not written any more: what is paid is ordered, and settled or rejected.
    """

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
    proposed_by: UUID | None = None  # another of the staff; None: in earlier days one was enough


class Side(BaseModel):
    """An end of a payment: the ledger account it is for, and the region whose bank account moves."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str
    region: str


class PaymentOrdered(Event):
    """To be paid, and handed in to the bank as its `attempt`. Stream `payment-<order id>`."""

    person_field: ClassVar[str | None] = "payee"

    order: UUID
    attempt: int  # from 1 on; a further one only after a rejection
    kind: Literal["allowance", "hospital", "clearing"]
    payer: Side
    payee: str  # a person's id, a hospital's code, a region
    payee_account: Personal[
        str
    ]  # what the bank finds the account by: 'bank-card:6222…', 'social-security-card:<person>'
    receiver: Side | None  # where the payee's books are kept here too
    amount: Yuan
    purpose: str  # as the payee reads it
    ordered_at: datetime


class PaymentAccepted(Event):
    """The bank took the order; how it ends, it says later."""

    order: UUID
    attempt: int
    reference: str  # the bank's own
    accepted_at: datetime


class PaymentSettled(Event):
    """The money has moved."""

    order: UUID
    attempt: int
    payer: Side
    receiver: Side | None
    amount: Yuan
    receipt: str  # the bank's own
    settled_at: datetime


class PaymentRejected(Event):
    """The bank will not pay it; what was on its way is back."""

    person_field: ClassVar[str | None] = OF_THE_STREAM  # the payment's: a bank's text may name anybody

    order: UUID
    attempt: int
    payer: Side
    receiver: Side | None
    amount: Yuan
    code: str  # 'account_closed', 'account_unknown', 'name_differs' …, else the bank's own
    reason: Personal[str]
    rejected_at: datetime


class PayeeAccountNamed(Event):
    """Where an insured person wants to be paid from now on, instead of the account of the social-security card."""

    person: UUID
    account: Personal[str]  # 'bank-card:6222…'
    named_at: datetime


class HeldDecisionProposed(Event):
    """An officer proposes what becomes of a held payment; another one decides. The latest proposal stands."""

    held: UUID
    person: UUID
    decision: Literal["release", "refuse"]
    reason_zh: Personal[str]
    reason_en: Personal[str]
    concerns: Personal[tuple[Concern, ...]]  # as they are when it is proposed
    proposed_by: UUID  # staff
    proposer: UUID | None  # who of the register they are
    proposed_at: datetime


class RepaymentStepProposed(Event):
    """An officer proposes to record that money was paid back, or to drop the order; another one decides."""

    order: UUID
    person: UUID
    step: Literal["repaid", "dropped"]
    note: Personal[str]  # the bank's receipt, or the reason
    proposed_by: UUID
    proposer: UUID | None
    proposed_at: datetime


class BirthNoted(Event):
    """The register told of a child of this mother. Stream `insured-<mother's person id>`, insured or not."""

    person: UUID  # the mother
    child: UUID
    born_on: date
    noted_at: datetime


class BirthStruck(Event):
    """The entry of that child was annulled: there was no such birth."""

    person: UUID  # the mother
    child: UUID
    born_on: date
    struck_at: datetime


class ClearingCloseProposed(Event):
    """What a month would state, as an officer proposes to close it. Stream `clearing-<region>`."""

    region: str
    month: str
    statements: tuple[ClearingStatement, ...]
    corrections: tuple[ClearingCorrection, ...]
    proposed_by: UUID
    proposer: UUID | None
    proposed_at: datetime


class ClearingPaymentsProposed(Event):
    """What is stated and not paid is to be ordered once more, as an officer proposes."""

    region: str  # that pays
    month: str
    payments: tuple[UUID, ...]
    proposed_by: UUID
    proposer: UUID | None
    proposed_at: datetime


class ClearingPaymentsApproved(Event):
    """Another officer agreed: they are ordered."""

    region: str
    month: str
    payments: tuple[UUID, ...]
    proposed_by: UUID
    approved_by: UUID
    approved_at: datetime


class HospitalPaymentProposed(Event):
    """What a hospital would be paid, as an officer proposes. Stream `payout-<hospital>`."""

    hospital: str
    month: str
    amount: Yuan
    attempt: int  # above 1: what the bank rejected is to be ordered anew
    proposed_by: UUID
    proposer: UUID | None
    proposed_at: datetime


class HospitalPaymentReordered(Event):
    """Two officers have what the bank rejected ordered anew."""

    order: UUID
    hospital: str
    month: str
    attempt: int
    proposed_by: UUID
    ordered_by: UUID
    ordered_at: datetime
