"""What a clerk, or another department's event, has recorded of who is insured: the commands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services.insurance.domain.maternity import MaternityBook
from shared.contracts.insurance import InsuredAs
from shared.standards.credit_code import CreditCode
from shared.standards.id_number import IdNumber

NEWBORN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class EnrolPerson:
    """By a clerk, or (`enrolled_by` None) as another department's event leads to it. Asked again it changes nothing."""

    person: UUID
    name: str
    id_number: IdNumber
    insured_as: InsuredAs
    region: str
    person_class: str
    insured_from: date
    enrolled_by: UUID | None
    now: datetime
    settles: bool = True  # False: no policy of the place is laid down


@dataclass(frozen=True, slots=True)
class LapseInsurance:
    lapsed_from: date
    reason: str
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class EndWithDeath:
    """As the household register tells it; where nobody is insured, or not any more, it changes nothing."""

    lapsed_from: date
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawDeath:
    """As the household register tells it; where no cover ended with that death it changes nothing."""

    now: datetime


@dataclass(frozen=True, slots=True)
class CorrectPerson:
    """As the household register tells it; where nobody is insured it changes nothing."""

    name: str
    id_number: IdNumber
    now: datetime


@dataclass(frozen=True, slots=True)
class ReturnInsurance:
    insured_from: date
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class TransferInsurance:
    """By a clerk of the new place. Asked again it changes nothing."""

    region: str
    person_class: str
    insured_from: date
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class AssignClass:
    person_class: str
    valid_from: date
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class RecordEmployment:
    employer: CreditCode
    employer_name: str
    year: int
    average_wage: Decimal
    maternity: MaternityBook
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class CreditAccount:
    month: str
    amount: Decimal
    recorded_by: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class FileTreatmentAway:
    filing: UUID
    kind: Literal["filed", "referred"]
    area: str
    valid_from: date
    valid_to: date
    recorded_by: UUID
    now: datetime


Command = (
    EnrolPerson
    | LapseInsurance
    | EndWithDeath
    | WithdrawDeath
    | CorrectPerson
    | ReturnInsurance
    | TransferInsurance
    | AssignClass
    | RecordEmployment
    | CreditAccount
    | FileTreatmentAway
)


def newborn_insured_from(born_on: date, enrolled_on: date) -> date:
    """Enrolled within 90 days of birth: insured from the day of birth; later: from the day of enrolment."""
    return born_on if enrolled_on <= born_on + NEWBORN else enrolled_on
