"""A bill as a hospital's window hands it in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.insurance.domain import refusals
from services.insurance.domain.bill import Bill, Item
from services.insurance.domain.maternity import Birth
from services.insurance.domain.values import proportion_text
from shared.contracts.insurance import BilledItem, Care
from shared.standards.money import ZERO

Category = Literal["A", "B", "C"]
USUAL_FIRST_PART = Decimal("0.10")  # of class B, where the directory names no other


@dataclass(frozen=True, slots=True)
class Claim:
    """The discharge decides which rules hold, and in which year it counts."""

    bill_number: str
    admitted_on: date
    discharged_on: date
    items: tuple[BilledItem, ...]
    care: Care = "inpatient"
    is_emergency: bool = False
    diagnosis: str | None = None
    birth: Birth | None = None  # of maternity care

    @property
    def year(self) -> int:
        return self.discharged_on.year

    @property
    def bill(self) -> Bill:
        """Before any policy has looked at it."""
        return bill_of(self.items)


def require_order(claim: Claim, today: date) -> None:
    """Raises Invalid: discharged before admission, or not yet."""
    if claim.discharged_on < claim.admitted_on:
        raise refusals.dates_out_of_order("discharged_on", claim.admitted_on)
    if claim.discharged_on > today:
        raise refusals.in_the_future("discharged_on")


def billed(name: str, category: Category, item: Item, selfpay_prop: Decimal | None) -> BilledItem:
    """甲 counts whole; of 乙 a part is paid first, the usual one unless the bill names another.

    Of 丙 the policy says: a part is paid first where it names one, else it is own expense. What the bill names is kept
    for the policy to look at.
    """
    first = USUAL_FIRST_PART if selfpay_prop is None and category == "B" else selfpay_prop
    return BilledItem(
        name=name,
        category=category,
        amt=item.amt,
        selfpay_prop="" if first is None and category == "C" else proportion_text(first or ZERO),
        own=item.own,
        overlimit=item.overlimit,
    )


def own_expense(one: BilledItem) -> BilledItem:
    """Outside the directory, whole."""
    return one.model_copy(update={"own": one.amt - one.overlimit, "selfpay_prop": "0.00"})


def bill_of(items: tuple[BilledItem, ...]) -> Bill:
    """As it is reckoned with. What no policy has looked at yet is own expense."""
    return Bill(items=tuple(_item(one if one.selfpay_prop else own_expense(one)) for one in items))


def _item(one: BilledItem) -> Item:
    return Item.model_validate(
        {"amt": one.amt, "selfpay_prop": one.selfpay_prop, "own": one.own, "overlimit": one.overlimit}
    )
