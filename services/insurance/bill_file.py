"""Bills as a file holds them, in JSON: one, or a list. Every number is text, as in "12.30".

A bill: `items` [{amt, selfpay_prop, own, overlimit}], `rules` (as `Rules` reads them), and where they apply `acc` (the
year so far) and `acct_balance` (of the personal account). What is wrong with it is told by its `id` or `name`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Bill
from services.insurance.domain.rules import Rules
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import Sheet
from services.insurance.domain.values import Amount
from shared.contracts.errors import Invalid
from shared.department.field_errors import path_of, text_of
from shared.standards.text import Text

REMARKS = ("id", "name", "desc", "expect")
"""What a file may say beside a bill; nothing is reckoned by it."""

MISSING_RULES = Text(
    "账单缺少结算规则，请补充或指定政策。", "This bill has no rules; please add them or name a policy."
)
ACC_TWICE = Text(
    "同一年度内由前一账单结转，请删除此项。", "Within a year it follows from the bills before; please remove it."
)


class GivenBill(Bill):
    """What else is in the file is left out of account; see `unknown`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rules: Rules | None = None
    acc: Accumulators | None = None
    acct_balance: Amount | None = None


@dataclass(frozen=True)
class BillFile:
    bills: tuple[GivenBill, ...]
    names: tuple[str, ...]  # of each bill: "bill 2 (S02)"
    unknown: tuple[str, ...]  # "bill 2 (S02), acct_balnce": what is no part of a bill
    is_list: bool

    def require_rules(self) -> tuple[Rules, ...]:
        """Raises Invalid naming every bill without."""
        missing = [name for name, bill in zip(self.names, self.bills, strict=True) if bill.rules is None]
        if missing:
            raise Invalid("bill", *MISSING_RULES, fields={f"{name}, rules": MISSING_RULES for name in missing})
        return tuple(bill.rules for bill in self.bills if bill.rules)

    def settle(self, rules: Sequence[Rules], *, carries: bool) -> list[Sheet]:
        """Each by its rules. `carries`: each builds on those before, as the stays of a year do.

        Raises Invalid when a later bill of a year says what the year has used.
        """
        later = list(zip(self.names, self.bills, strict=True))[1:]
        if carries and (told := [name for name, bill in later if bill.acc]):
            raise Invalid("bill", *ACC_TWICE, fields={f"{name}, acc": ACC_TWICE for name in told})
        sheets: list[Sheet] = []
        for bill, its in zip(self.bills, rules, strict=True):
            acc = sheets[-1].acc_after if carries and sheets else bill.acc or Accumulators()
            sheets.append(settle(its, acc, bill.items, bill.acct_balance))
        return sheets


def read(text: str) -> BillFile:
    """Raises Invalid whose `fields` name bill and field of all that is wrong: "bill 2 (S02), items.0.own"."""
    data = _json(text)
    raws = data if isinstance(data, list) else [data]
    names = [_name(raw, number) for number, raw in enumerate(raws, start=1)]
    bills: list[GivenBill] = []
    wrong: dict[str, Text] = {}
    for name, raw in zip(names, raws, strict=True):
        try:
            bills.append(GivenBill.model_validate(raw))
        except ValidationError as error:
            wrong |= {f"{name}, {_field(problem['loc'], raw)}": text_of(problem) for problem in _told(error)}
    if wrong:
        raise Invalid(
            "bill", "账单有误，请按提示更正。", "A bill is wrong; please correct what is named.", fields=wrong
        )
    return BillFile(tuple(bills), tuple(names), tuple(_unknown(names, raws)), isinstance(data, list))


def _told(error: ValidationError) -> Iterator[ErrorDetails]:
    """Not that a list is too short, where that is so only because what it holds is wrong."""
    problems = error.errors()
    for problem in problems:
        place = problem["loc"]
        holds_wrong = any(other["loc"][: len(place)] == place for other in problems if other is not problem)
        if problem["type"] != "too_short" or not holds_wrong:
            yield problem


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid("json", f"不是有效的JSON：{error}。", f"This is not valid JSON: {error}.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} occurs twice")
    return found


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _name(raw: Any, number: int) -> str:
    known = next((raw[key] for key in ("id", "name") if raw.get(key)), "") if isinstance(raw, dict) else ""
    return f"bill {number}" + (f" ({known[:40]})" if isinstance(known, str) and known.isprintable() and known else "")


def _field(place: tuple[str | int, ...], raw: Any) -> str:
    """The path into the file: there, a reduction may be called `cut`."""
    if place[:2] == ("rules", "reduction") and "cut" in raw["rules"] and "reduction" not in raw["rules"]:
        return "rules.cut"
    return path_of(place)


def _unknown(names: list[str], raws: list[Any]) -> Iterator[str]:
    for name, raw in zip(names, raws, strict=True):
        for key in raw:
            if key not in GivenBill.model_fields and key not in REMARKS:
                yield f"{name}, {key[:40]}"
