"""Where the steps meet their limits. Every figure is reckoned by hand."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Item
from services.insurance.domain.rules import Rules
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import Sheet
from tests.services.insurance.bills import named

RULES = {"deductible": {"first": "600", "later": "300"}, "ratio": "0.60", "cap": "10000"}
CI = {"threshold": "1000", "bands": [["2000", "0.60"], ["3000", "0.70"], [None, "0.80"]], "cap": None}
LARGE = {"overcap_ratio": "0.75", "share_threshold": "8000", "share_ratio": "0.50"}


def settled(*amounts: str, acc: dict[str, str] | None = None, balance: str | None = None, **rules: Any) -> Sheet:
    """A bill of plain items, or "amount×self-pay"."""
    items = [Item(amt=amt, selfpay_prop=prop or "0") for amt, _, prop in (a.partition("×") for a in amounts)]
    year = TypeAdapter(Accumulators).validate_python(acc or {})
    return settle(Rules.model_validate(RULES | rules), year, items, Decimal(balance) if balance else None)


def shown(sheet: Sheet, *fields: str) -> list[str]:
    return [sheet.as_json()[field] for field in fields]


def test_prior_self_pay_is_rounded_for_each_item() -> None:
    one, two = settled("0.10×0.05"), settled("0.05×0.10", "0.05×0.10")
    assert shown(one, "preselfpay_amt") == ["0.01"]
    assert shown(two, "preselfpay_amt", "inscp_scp_amt") == ["0.02", "0.08"]


def test_an_item_paid_wholly_by_oneself_is_not_in_scope() -> None:
    sheet = settled("500.00×1", "1000.00")
    assert shown(sheet, "preselfpay_amt", "inscp_scp_amt", "hifp_pay") == ["500.00", "1000.00", "240.00"]


def test_a_deductible_takes_no_more_than_is_in_scope() -> None:
    sheet = settled("599.99")
    assert shown(sheet, "act_pay_dedc", "hifp_pay", "psn_part_amt") == ["599.99", "0.00", "599.99"]


def test_a_bill_all_outside_the_catalogue_is_ones_own() -> None:
    items = [Item(amt="800.00", own="700.00", overlimit="100.00")]
    sheet = settle(Rules.model_validate(RULES | {"ci": CI, "large": LARGE}), Accumulators(), items)
    assert shown(sheet, "inscp_scp_amt", "act_pay_dedc", "fund_pay_sumamt") == ["0.00", "0.00", "0.00"]
    assert sheet.acc_after == Accumulators(stays=1)


def test_a_later_stay_has_the_later_deductible() -> None:
    assert shown(settled("1000.00", acc={"stays": "1"}), "act_pay_dedc") == ["300.00"]
    assert shown(settled("1000.00", acc={"stays": "7"}), "act_pay_dedc") == ["300.00"]


def test_the_cap_leaves_what_is_not_used() -> None:
    sheet = settled("10600.00", acc={"pool_used": "9000.00"})
    assert shown(sheet, "hifp_pay", "overcap", "penalty_share") == ["1000.00", "5000.00", "0.00"]


@pytest.mark.parametrize("used", ["10000.00", "10000.01"])
def test_a_cap_that_is_used_up_leaves_nothing(used: str) -> None:
    assert shown(settled("10600.00", acc={"pool_used": used}), "hifp_pay", "overcap") == ["0.00", "6000.00"]


def test_without_a_cap_all_is_paid() -> None:
    assert shown(settled("100600.00", cap=None), "hifp_pay", "overcap") == ["60000.00", "0.00"]


def test_a_cut_never_goes_below_nothing() -> None:
    sheet = settled("10600.00", cut="0.70", large=LARGE)
    assert shown(sheet, "effective_ratio", "hifp_pay", "penalty_share") == ["0.00", "0.00", "6000.00"]
    assert shown(sheet, "hifob_pay") == ["1000.00"]  # (10000 - 8000) × 0.50


@pytest.mark.parametrize(
    ("reduction", "effective", "pool", "penalty"),
    [
        ({"kind": "points", "value": "0.15"}, "0.40", "11173.33", "4190.00"),
        ({"kind": "factor", "value": "0.85"}, "0.4675", "13058.83", "2304.50"),
        ({"kind": "prior_self_pay", "value": "0.15"}, "0.55", "13009.33", "2354.00"),
    ],
)
def test_the_three_kinds_of_reduction_give_different_money(
    reduction: dict[str, str], effective: str, pool: str, penalty: str
) -> None:
    bill = named("S04b")
    rules = Rules.model_validate(bill.rules.model_dump(exclude={"reduction"}) | {"reduction": reduction})
    sheet = settle(rules, Accumulators(), bill.items)
    assert shown(sheet, "effective_ratio", "hifp_pay", "penalty_share") == [effective, pool, penalty]


def test_prior_self_pay_takes_no_more_than_the_base() -> None:
    sheet = settled("700.00", reduction={"kind": "prior_self_pay", "value": "0.20"})
    assert shown(sheet, "hifp_pay", "penalty_share") == ["0.00", "60.00"]


def test_major_illness_counts_from_what_the_year_has_borne() -> None:
    # 3,000 in scope: 600 + 960 are counted; from 500 to 2,060 of which 1,060 lie above the threshold
    sheet = settled("3000.00", ci=CI, acc={"ci_self": "500.00"})
    assert shown(sheet, "ci_compliant", "hifmi_pay") == ["1560.00", "636.00"]
    assert sheet.acc_after.ci_self == Decimal("2060.00")


def test_major_illness_goes_through_its_bands_above_the_threshold() -> None:
    # 15,000 in scope: 600 + 5,760 = 6,360; above 1,000: 2,000 × 0.6 + 1,000 × 0.7 + 2,360 × 0.8
    assert shown(settled("15000.00", ci=CI), "ci_compliant", "hifmi_pay") == ["6360.00", "3788.00"]


def test_major_illness_is_rounded_once_over_its_bands() -> None:
    bands = [["0.01", "0.50"], [None, "0.50"]]
    sheet = settled("600.02", ratio="0", ci={"threshold": "600", "bands": bands})
    assert shown(sheet, "hifmi_pay") == ["0.01"]  # 0.005 + 0.005, not 0.01 + 0.01


def test_above_a_last_band_with_a_bound_nothing_is_added() -> None:
    sheet = settled("15000.00", ci={"threshold": "1000", "bands": [["2000", "0.60"]]})
    assert shown(sheet, "hifmi_pay") == ["1200.00"]


def test_major_illness_stops_at_its_cap_and_still_counts() -> None:
    sheet = settled("15000.00", ci=CI | {"cap": "4000"}, acc={"ci_paid": "3000.00"})
    assert shown(sheet, "ci_compliant", "hifmi_pay") == ["6360.00", "1000.00"]
    assert sheet.acc_after.ci_paid == Decimal("4000.00")


@pytest.mark.parametrize(
    ("flags", "compliant"),
    [
        ({}, "14100.00"),  # 600 + 8,400 + 100 + 5,000; the penalty of 2,100 not
        ({"inc_deductible": False}, "13500.00"),
        ({"inc_preselfpay": False}, "14000.00"),
        ({"inc_penalty": True}, "16200.00"),
        ({"inc_overcap": False}, "9100.00"),
    ],
)
def test_each_flag_says_what_counts_for_major_illness(flags: dict[str, bool], compliant: str) -> None:
    # in scope 21,600, base 21,000: standard 12,600, want 10,500, pool 5,500
    sheet = settled("21600.00", "100.00×1", cut="0.10", ci=CI | flags, acc={"pool_used": "4500.00"})
    assert shown(sheet, "ci_compliant") == [compliant]


def test_medical_assistance_pays_of_what_is_left_in_scope() -> None:
    # 3,000 − 1,440: 1,560; with 1,000 first, 560
    assert shown(settled("3000.00", ma={"ratio": "0.90"}), "maf_pay") == ["1404.00"]
    assert shown(settled("3000.00", ma={"ratio": "0.90", "threshold": "1000"}), "maf_pay") == ["504.00"]
    assert shown(settled("3000.00", ma={"ratio": "0.90", "threshold": "1560.01"}), "maf_pay") == ["0.00"]


def test_medical_assistance_stops_at_its_cap() -> None:
    sheet = settled("3000.00", ma={"ratio": "0.90", "cap": "1000"}, acc={"ma_used": "400.00"})
    assert shown(sheet, "maf_pay") == ["600.00"]
    assert sheet.acc_after.ma_used == Decimal("1000.00")


def test_medical_assistance_leaves_the_penalty_to_the_person_unless_told() -> None:
    # 3,000 in scope, pool 1,200, penalty 240
    assert shown(settled("3000.00", cut="0.10", ma={"ratio": "1"}), "maf_pay") == ["1560.00"]
    assert shown(settled("3000.00", cut="0.10", ma={"ratio": "1", "inc_penalty": True}), "maf_pay") == ["1800.00"]


def test_medical_assistance_is_never_negative() -> None:
    # major illness pays of what was paid first by oneself, which is not in scope
    ci = {"threshold": "0", "bands": [[None, "1"]]}
    assert shown(settled("1000.00×1", "600.00", ci=ci, ma={"ratio": "1"}), "maf_pay") == ["0.00"]


def test_the_large_amount_fund_counts_shares_over_the_year() -> None:
    # base 10,000, pool 6,000: the share of 4,000 takes the year from 7,000 to 11,000
    sheet = settled("10600.00", large=LARGE, acc={"ratio_share": "7000.00"})
    assert shown(sheet, "hifob_pay") == ["1500.00"]
    assert sheet.acc_after.ratio_share == Decimal("11000.00")


def test_the_large_amount_fund_pays_above_a_cap_that_is_used_up() -> None:
    sheet = settled("10600.00", large=LARGE, acc={"pool_used": "10000.00"})
    assert shown(sheet, "hifp_pay", "hifob_pay") == ["0.00", "7500.00"]
    assert sheet.acc_after.ratio_share == Decimal("0.00")


def test_the_large_amount_fund_begins_where_the_cap_is_reached_under_every_reduction() -> None:
    # pool 4,000 of 5,000 wanted at 0.50: within 8,000, share 4,000; above it 2,000 × 0.75
    points = settled("10600.00", cut="0.10", large=LARGE, acc={"pool_used": "6000.00"})
    assert shown(points, "hifob_pay") == ["1500.00"]
    # 1,060 paid first; 8,940 × 0.60 = 5,364 wanted; within 1,060 + 6,666.67; above it 2,273.33 × 0.75
    prior = settled(
        "10600.00", reduction={"kind": "prior_self_pay", "value": "0.10"}, large=LARGE, acc={"pool_used": "6000.00"}
    )
    assert shown(prior, "hifob_pay") == ["1705.00"]


def test_two_funds_never_pay_for_the_same_costs_more_than_they_were() -> None:
    ci = {"threshold": "0", "bands": [[None, "0.90"]]}
    sheet = settled("100600.00", ci=ci, large=LARGE, acc={"pool_used": "10000.00"})
    assert shown(sheet, "hifmi_pay", "hifob_pay", "psn_part_amt") == ["90540.00", "10060.00", "0.00"]


def test_the_personal_account_pays_no_more_than_is_owed() -> None:
    sheet = settled("1600.00", balance="5000.00")
    assert shown(sheet, "psn_part_amt", "acct_pay", "psn_cash_pay") == ["1000.00", "1000.00", "0.00"]


def test_the_rest_is_cash_when_the_account_is_empty() -> None:
    assert shown(settled("1600.00", balance="0.00"), "acct_pay", "psn_cash_pay") == ["0.00", "1000.00"]


def test_half_a_cent_rounds_up() -> None:
    sheet = settled("600.05", ratio="0.90", cut="0.40")  # 0.025 of 0.045
    assert shown(sheet, "hifp_pay", "penalty_share") == ["0.03", "0.02"]


def test_each_part_of_the_large_amount_fund_is_rounded() -> None:
    # 0.01 of the cap is left: within 0.02, share 0.01; above it 0.02. 0.015 + 0.005, each rounded
    large = LARGE | {"share_threshold": "0"}
    assert shown(settled("600.04", ratio="0.50", cap="0.01", large=large), "hifob_pay") == ["0.03"]


def test_a_tiny_first_stay_gets_the_lower_deductible_for_the_rest() -> None:
    whole = settled("10600.00")
    first = settled("1.00")
    second = settle(Rules.model_validate(RULES), first.acc_after, [Item(amt="10599.00")])
    assert first.hifp_pay + second.hifp_pay - whole.hifp_pay == Decimal("179.40")  # 299 less deductible × 0.60


def test_what_lies_within_the_cap_is_rounded() -> None:
    # 0.01 ÷ 0.60 is within 0.02, share 0.01, not 0.0067
    large = LARGE | {"share_threshold": "0"}
    assert shown(settled("600.04", cap="0.01", large=large), "hifob_pay") == ["0.03"]
