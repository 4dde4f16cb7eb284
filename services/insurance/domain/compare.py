"""One bill under two rule sets, side by side: what another status, or another year's policy, would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Item
from services.insurance.domain.labels import LABELS
from services.insurance.domain.rules import Rules
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import FIELDS, Sheet
from services.insurance.domain.why import yuan
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of both sheets; `difference` is `other` less `one`."""

    field: str
    label: Text
    one: Decimal
    other: Decimal

    @property
    def difference(self) -> Decimal:
        return self.other - self.one


@dataclass(frozen=True, slots=True)
class Comparison:
    one: Sheet
    other: Sheet

    @property
    def lines(self) -> list[Difference]:
        return [Difference(f, LABELS[f], getattr(self.one, f), getattr(self.other, f)) for f in FIELDS]

    @property
    def saves(self) -> Decimal:
        """What the person bears less under the other rules; negative when it is more."""
        return self.one.psn_part_amt - self.other.psn_part_amt

    def told(self, cause: Text) -> Text:
        """ "免备案为您节省4,190.00元。" `cause` is what makes the difference."""
        if not self.saves:
            return Text(f"{cause.zh}不影响您的负担。", f"{cause.en} makes no difference to what you pay.")
        if self.saves < 0:
            more = yuan(-self.saves)
            return Text(f"{cause.zh}使您多付{more}元。", f"{cause.en} costs you {more} yuan more.")
        return Text(f"{cause.zh}为您节省{yuan(self.saves)}元。", f"{cause.en} saves you {yuan(self.saves)} yuan.")


def compare(
    items: Sequence[Item],
    one: Rules,
    other: Rules,
    acc: Accumulators | None = None,
    acct_balance: Decimal | None = None,
) -> Comparison:
    """Settle the same bill, in the same year, by both."""
    year = acc or Accumulators()
    return Comparison(settle(one, year, items, acct_balance), settle(other, year, items, acct_balance))
