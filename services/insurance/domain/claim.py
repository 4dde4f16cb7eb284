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
        """As it is reckoned with."""
        return Bill(items=tuple(_item(one) for one in self.items))


def require_order(claim: Claim, today: date) -> None:
    """Raises Invalid: discharged before admission, or not yet."""
    if claim.discharged_on < claim.admitted_on:
        raise refusals.dates_out_of_order("discharged_on", claim.admitted_on)
    if claim.discharged_on > today:
        raise refusals.in_the_future("discharged_on")


def billed(name: str, category: Category, item: Item, selfpay_prop: Decimal | None) -> BilledItem:
    """甲 counts whole; of 乙 a part is paid first, the usual one unless the bill names another; 丙 is own expense."""
    given = USUAL_FIRST_PART if selfpay_prop is None else selfpay_prop
    first = given if category == "B" else ZERO
    return BilledItem(
        name=name,
        category=category,
        amt=item.amt,
        selfpay_prop=proportion_text(first),
        own=item.amt - item.overlimit if category == "C" else item.own,
        overlimit=item.overlimit,
    )


def _item(one: BilledItem) -> Item:
    return Item.model_validate(
        {"amt": one.amt, "selfpay_prop": one.selfpay_prop, "own": one.own, "overlimit": one.overlimit}
    )
