import json
from decimal import Decimal
from typing import Any

import pytest

from services.insurance import bill_file
from shared.contracts.errors import Invalid
from tests.services.insurance.bills import EXAMPLES, YEAR

BILL = json.loads(EXAMPLES.read_text("utf-8"))[2]  # S04a


def with_(path: str, value: Any) -> str:
    """S04a, with something else at a path."""
    bill = json.loads(json.dumps(BILL))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    target = bill
    for step in steps:
        target = target[step]
    target[last] = value
    return json.dumps(bill)


def refused(text: str) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        bill_file.read(text).require_rules()
    return {field: sentence.en for field, sentence in error.value.fields.items()}


@pytest.mark.parametrize(
    "amount", ["-0.01", "0.001", "NaN", "Infinity", "1e3", "", " 1", "1,000", "１２", "9" * 14, None]
)
@pytest.mark.parametrize("field", ["items.0.amt", "items.0.own", "items.0.overlimit", "rules.deductible.first"])
def test_what_is_no_amount_is_refused_by_its_path(field: str, amount: str | None) -> None:
    assert list(refused(with_(field, amount))) == [f"bill 1 (S04a), {field}"]


@pytest.mark.parametrize("amount", [1, 1.5, True, ["1"], {"yuan": "1"}])
def test_an_amount_is_sent_as_text(amount: object) -> None:
    told = refused(with_("items.0.amt", amount))
    assert told == {"bill 1 (S04a), items.0.amt": 'Send amounts and ratios as strings such as "12.30".'}


@pytest.mark.parametrize("proportion", ["-0.1", "1.1", "10%", "1e-1", "NaN", "0.1234567", ".5", 0.5, None, ""])
@pytest.mark.parametrize(
    "field",
    ["items.1.selfpay_prop", "rules.ratio", "rules.cut", "rules.ci.bands.0.1"],
)
def test_what_is_no_ratio_is_refused_by_its_path(field: str, proportion: object) -> None:
    assert list(refused(with_(field, proportion))) == [f"bill 1 (S04a), {field}"]


@pytest.mark.parametrize("count", ["-1", "1.5", "one", True, 1.0, "99999", None])
def test_what_is_no_count_is_refused(count: object) -> None:
    assert list(refused(with_("acc", {"stays": count}))) == ["bill 1 (S04a), acc.stays"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("items", [], "items"),
        ("items", None, "items"),
        ("items.0.overlimit", "21333.34", "items.0.overlimit"),
        ("items.2.overlimit", "0.01", "items.2.overlimit"),
        ("items.0.price", "1.00", "items.0.price"),
        ("items.0", "8000.00", "items.0"),
        ("rules.cutt", "0.10", "rules.cutt"),
        ("rules.ci.bands", [], "rules.ci.bands"),
        ("rules.ci.bands", [["60000", "0.7"], ["40000", "0.6"]], "rules.ci.bands"),
        ("rules.ci.bands", [[None, "0.7"], ["40000", "0.6"]], "rules.ci.bands"),
        ("rules.ci.bands", [["0", "0.7"]], "rules.ci.bands"),
        ("rules.reduction", {"kind": "points", "value": "0.1"}, "rules.cut"),
        ("rules.ma", {"cap": "30000"}, "rules.ma.ratio"),
        ("rules.large", {"overcap_ratio": "0.75", "share_threshold": "8000"}, "rules.large.share_ratio"),
        ("acc", {"pool_used": "-1.00"}, "acc.pool_used"),
        ("acc", {"pool": "1.00"}, "acc.pool"),
        ("acct_balance", "-1.00", "acct_balance"),
        ("rules", None, "rules"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_path(path: str, value: object, field: str) -> None:
    assert list(refused(with_(path, value))) == [f"bill 1 (S04a), {field}"]


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("acc", [], "acc", "This should be a JSON object."),
        ("acc", "1", "acc", "This should be a JSON object."),
        ("acc", {"pool": "1.00"}, "acc.pool", "There is no such field; please remove it."),
        ("acc", {"stays": "10000"}, "acc.stays", "This is a whole number from 0 to 9999."),
        ("rules.ci.bands", [["40000"]], "rules.ci.bands.0.1", "This is required."),
        ("rules.ci.bands", [["40000", "0.6", "0.7"]], "rules.ci.bands.0", "At most 2 items, please."),
        ("rules.ci.bands", "40000", "rules.ci.bands", "This should be a list."),
        ("rules.cut", None, "rules.cut", 'Send amounts and ratios as strings such as "12.30".'),
        ("items", {}, "items", "This should be a list."),
    ],
)
def test_the_reason_says_what_is_wrong_and_nothing_else(path: str, value: object, field: str, reason: str) -> None:
    assert refused(with_(path, value)) == {f"bill 1 (S04a), {field}": reason}


@pytest.mark.parametrize("amount", ["-0", "-0.00", "000.00", "0.000"])
def test_nothing_may_be_written_as_one_likes(amount: str) -> None:
    read = bill_file.read(with_("items.0.amt", amount))
    (sheet,) = read.settle(read.require_rules(), carries=False)
    assert str(sheet.medfee_sumamt) == str(sum((item.amt for item in read.bills[0].items), Decimal("0.00")))


def test_the_largest_bill_is_settled_to_the_cent() -> None:
    rules = {"deductible": {"first": "0.01", "later": "0"}, "ratio": "0.333333", "cut": "0", "cap": None}
    read = bill_file.read(json.dumps({"rules": rules, "items": [{"amt": "9999999999999.99"}]}))
    (sheet,) = read.settle(read.require_rules(), carries=False)
    assert (str(sheet.hifp_pay), str(sheet.psn_part_amt)) == ("3333329999999.99", "6666670000000.00")


def test_a_used_up_cap_and_a_deductible_already_met_leave_nothing_and_take_nothing() -> None:
    bill = {
        "rules": {"deductible": {"first": "300", "later": "0"}, "ratio": "0.75", "cap": "1000.00"},
        "acc": {"stays": "1", "pool_used": "1000.00"},
        "items": [{"amt": "400.00"}],
    }
    read = bill_file.read(json.dumps(bill))
    (sheet,) = read.settle(read.require_rules(), carries=False)
    assert [str(one) for one in (sheet.act_pay_dedc, sheet.hifp_pay, sheet.overcap)] == ["0.00", "0.00", "300.00"]


def test_an_own_expense_above_the_price_is_told_so() -> None:
    told = refused(with_("items.0.own", "21333.34"))
    assert told == {
        "bill 1 (S04a), items.0.overlimit": (
            "Own expense and over-limit together cannot exceed the item's price; please check them."
        )
    }


def test_a_total_beyond_money_is_refused() -> None:
    item = {"amt": "9999999999999.99"}
    assert list(refused(with_("items", [item, item]))) == ["bill 1 (S04a), items"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    second = json.loads(with_("items.0.amt", "-1")) | {"id": None, "name": "李某"}
    third = json.loads(with_("rules.ratio", "2")) | {"id": "a\nb"}
    assert list(refused(json.dumps([BILL, second, third, 7]))) == [
        "bill 2 (李某), items.0.amt",
        "bill 3, rules.ratio",
        "bill 4, body",
    ]


@pytest.mark.parametrize(
    "text", ["", "{", '{"items": [{"amt": NaN}]}', '{"items": [], "items": []}', "[" * 100_000, "\ufeff{}"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as error:
        bill_file.read(text)
    assert error.value.code == "json"


def test_remarks_are_left_alone_and_other_keys_told() -> None:
    read = bill_file.read(json.dumps([BILL, BILL | {"acct_balnce": "1.00"}]))
    assert read.unknown == ("bill 2 (S04a), acct_balnce",)


def test_what_a_bill_does_not_say_is_nothing() -> None:
    rules = {"deductible": {"first": "0", "later": "0"}, "ratio": "1", "cap": None}
    read = bill_file.read(json.dumps({"rules": rules, "items": [{"amt": "10.00"}], "acc": None, "acct_balance": None}))
    (sheet,) = read.settle(read.require_rules(), carries=False)
    assert (sheet.hifp_pay, sheet.psn_part_amt) == (Decimal("10.00"), Decimal("0.00"))


def test_an_accumulator_may_be_given_in_part() -> None:
    read = bill_file.read(with_("acc", {"stays": "1", "pool_used": "238218.00"}))
    (sheet,) = read.settle(read.require_rules(), carries=False)
    assert (sheet.act_pay_dedc, sheet.hifp_pay) == (Decimal("300.00"), Decimal("0.00"))


def test_the_bills_of_a_year_carry_what_it_used() -> None:
    stays = json.loads(YEAR.read_text("utf-8"))
    read = bill_file.read(json.dumps(stays))
    carried = read.settle(read.require_rules(), carries=True)
    alone = read.settle(read.require_rules(), carries=False)
    assert [sheet.as_json() for sheet in carried] == [stay["expect"] for stay in stays]
    assert [str(sheet.act_pay_dedc) for sheet in alone] == ["300.00", "600.00", "600.00"]


def test_a_year_begins_with_what_its_first_bill_says_was_used() -> None:
    stays = json.loads(YEAR.read_text("utf-8"))
    stays[0]["acc"] = {"stays": "1"}
    read = bill_file.read(json.dumps(stays))
    sheets = read.settle(read.require_rules(), carries=True)
    assert (str(sheets[0].act_pay_dedc), sheets[-1].acc_after.stays) == ("200.00", 4)


def test_a_later_bill_of_a_year_may_not_say_it_again() -> None:
    stays = json.loads(YEAR.read_text("utf-8"))
    stays[1]["acc"] = {"stays": "1"}
    read = bill_file.read(json.dumps(stays))
    with pytest.raises(Invalid) as error:
        read.settle(read.require_rules(), carries=True)
    assert list(error.value.fields) == ["bill 2, acc"]
