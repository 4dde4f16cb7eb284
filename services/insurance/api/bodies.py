"""What may be sent. Form and sizes are checked here; what is right is decided by the domain."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from services.insurance.domain.bill import Bill, Item
from services.insurance.domain.claim import Claim, billed
from services.insurance.domain.held import Decision
from services.insurance.domain.maternity import Birth
from services.insurance.domain.repayment import Step
from services.insurance.domain.situation import Filing
from services.insurance.domain.values import Amount
from shared.contracts.insurance import BilledItem, Care, InsuredAs
from shared.department.body import Body
from shared.standards.bank_card import BankCard
from shared.standards.credit_code import CreditCode
from shared.standards.errors import NotValid
from shared.standards.fields import as_field_error
from shared.standards.id_number import IdNumber
from shared.standards.line import OneLine

Name = Annotated[str, OneLine(100)]
Printed = Annotated[str, OneLine(100, is_drawn=True)]  # on the settlement sheet
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]{1,60}$")]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Sentence = Annotated[str, StringConstraints(max_length=200)]


class ItemBody(Item):
    """`category`: A 甲, B 乙, C 丙. `selfpay_prop` left out is what class B usually pays first, and of class C what the
    policy says: a part where it names one, else the item is own expense."""

    name: Printed
    category: Literal["A", "B", "C"]

    @model_validator(mode="after")
    def _fits_its_class(self) -> Self:
        if self.category == "A" and self.selfpay_prop:
            raise as_field_error(
                NotValid(
                    "first_part",
                    "甲类项目无须先行自付，请核对类别或比例。",
                    "Class A has no part paid first; please check the class or the proportion.",
                )
            )
        return self

    def billed(self) -> BilledItem:
        given = self.selfpay_prop if "selfpay_prop" in self.model_fields_set else None
        return billed(self.name, self.category, self, given)


class BillBody(Bill):
    """The patient's ID number, and the bill. `hospital` may be left out by a window of a single one."""

    id_number: IdNumber
    hospital: str | None = Field(default=None, max_length=18)
    bill_number: Code
    admitted_on: date
    discharged_on: date
    items: tuple[ItemBody, ...] = Field(min_length=1, max_length=500)
    care: Care = "inpatient"
    is_emergency: bool = False
    diagnosis: Printed | None = None
    children: int = Field(default=1, ge=1, le=9, description="born; of maternity care")
    is_difficult_birth: bool = False

    def claim(self, discharged_on: date | None = None) -> Claim:
        return Claim(
            bill_number=self.bill_number,
            admitted_on=self.admitted_on,
            discharged_on=discharged_on or self.discharged_on,
            items=tuple(item.billed() for item in self.items),
            care=self.care,
            is_emergency=self.is_emergency,
            diagnosis=self.diagnosis,
            birth=Birth(self.is_difficult_birth, self.children) if self.care == "maternity" else None,
        )


class Variant(Body):
    """What is supposed otherwise than the bill and the records say."""

    filing: Filing | None = None
    discharged_on: date | None = None


class Comparison(Body):
    bill: BillBody
    variants: tuple[Variant, Variant]


class Reversal(Body):
    reason: Sentence
    hospital: str | None = Field(default=None, max_length=18)


class Anew(Reversal):
    """Filing and class are taken as they are on record now."""

    is_emergency: bool = False


class DayEntry(Body):
    bill_number: Code
    total: Amount
    fund: Amount
    person: Amount


class DayList(Body):
    day: date
    hospital: str | None = Field(default=None, max_length=18)
    entries: tuple[DayEntry, ...] = Field(max_length=5000)

    @field_validator("entries")
    @classmethod
    def _each_bill_once(cls, entries: tuple[DayEntry, ...]) -> tuple[DayEntry, ...]:
        if len({one.bill_number for one in entries}) < len(entries):
            raise as_field_error(
                NotValid(
                    "repeated",
                    "同一账单号出现多次，请核对清单。",
                    "A bill number occurs more than once; please check the list.",
                )
            )
        return entries


class Enrolment(Body):
    id_number: IdNumber
    insured_as: InsuredAs
    region: Division
    person_class: Name = "ordinary"
    insured_from: date


class Lapse(Body):
    lapsed_from: date
    reason: Sentence


class Return(Body):
    insured_from: date


class Transfer(Body):
    region: Division
    person_class: Name = "ordinary"
    insured_from: date


class ClassBody(Body):
    person_class: Name
    valid_from: date


class EmploymentBody(Body):
    """The employer's average monthly wage of a year."""

    employer: CreditCode
    employer_name: Name
    year: int = Field(ge=2000, le=2100)
    average_wage: Amount


class Credit(Body):
    month: Month
    amount: Amount


class HeldDecision(Body):
    decision: Decision


class HeldProposal(HeldDecision):
    """The reason is told to the citizen once another officer has confirmed it."""

    reason_zh: Sentence
    reason_en: Sentence


class RepaymentConfirmation(Body):
    step: Step


class RepaymentProposal(RepaymentConfirmation):
    """`note`: the bank's receipt, or why the order is dropped."""

    note: Sentence


class PayoutBody(Body):
    month: Month


class PayeeAccountBody(Body):
    """A bank card of one's own."""

    card_number: BankCard


class FilingBody(Body):
    kind: Literal["filed", "referred"]
    area: Division
    valid_from: date
    valid_to: date


class Find(Body):
    id_number: IdNumber
