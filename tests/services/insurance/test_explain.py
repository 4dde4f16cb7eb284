import re
from decimal import Decimal

import pytest

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.compare import compare
from services.insurance.domain.explain import Line, explain
from services.insurance.domain.rules import Factor, PriorSelfPay
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import FIELDS
from services.insurance.domain.situation import Situation
from services.insurance.policies import policies
from shared.standards.text import Text
from tests.services.insurance.bills import EXAMPLES, Example, named, read
from tests.services.insurance.test_policies import LAST_OLD

GUANGXI = policies().named("guangxi")


def lines_of(name: str) -> dict[str, Line]:
    example = named(name)
    return {line.field: line for line in explain(settle(example.rules, Accumulators(), example.items), example.rules)}


@pytest.mark.parametrize("example", read(EXAMPLES), ids=lambda example: example.name)
def test_every_line_is_explained_and_its_formula_ends_in_its_amount(example: Example) -> None:
    sheet = settle(example.rules, Accumulators(), example.items)
    lines = explain(sheet, example.rules)
    assert tuple(line.field for line in lines) == FIELDS
    for line in lines:
        assert line.amount == getattr(sheet, line.field)
        assert Decimal(re.split(r"[= ]", line.formula)[-1]) == line.amount
        assert line.words.zh.endswith("。")
        assert line.words.en.endswith(".")


def test_a_formula_holds_the_numbers_of_the_bill() -> None:
    lines = lines_of("S04a")
    assert lines["hifp_pay"].formula == ("27933.33 × 0.40 = 11173.33; min(11173.33, 238218.00 − 0.00) = 11173.33")
    assert lines["penalty_share"].formula == "27933.33 × 0.55 − 11173.33 = 4190.00"
    assert lines["hifmi_pay"].formula == "1970.00 × 0.60, ≤ 500000.00 − 0.00 = 1182.00"
    assert lines_of("S18")["hifob_pay"].formula == "27811.76 × 0.75 + 2588.24 × 0.50 = 22152.94"
    assert lines_of("S12")["maf_pay"].formula == "7388.00 × 0.90, ≤ 30000.00 − 0.00 = 6649.20"


def test_a_cap_used_beyond_itself_leaves_nothing() -> None:
    bill = named("S02")
    sheet = settle(bill.rules, Accumulators(pool_used=Decimal("240000.00")), bill.items)
    pool = next(line for line in explain(sheet, bill.rules) if line.field == "hifp_pay")
    assert pool.formula.endswith("; min(6975.00, max(0, 238218.00 − 240000.00)) = 0.00")


def test_a_line_names_the_rules_it_rests_on() -> None:
    chosen = GUANGXI.rules_for(LAST_OLD, Situation("level3_region", "region"))
    sheet = settle(chosen.rules, Accumulators(), named("S04a").items)
    lines = {line.field: line for line in explain(sheet, chosen.rules, chosen.ids)}
    assert lines["penalty_share"].rules == (
        "guangxi-residents-2023-01/ratio.level3_region",
        "guangxi-residents-2023-01/away.in_region_unfiled",
    )
    assert lines["act_pay_dedc"].rules == ("guangxi-residents-2023-01/deductible.level3_region",)
    assert lines["psn_cash_pay"].rules == ()


def test_the_patient_reads_what_the_missing_filing_cost() -> None:
    words = lines_of("S04a")["penalty_share"].words
    assert words.en == "Without the reduction the pooled fund would have owed 4,190.00 yuan more."
    assert words.zh == "因未备案或转诊降低支付比例，由个人多负担4,190.00元。"


@pytest.mark.parametrize(
    ("reduction", "formula"),
    [
        (Factor(value="0.85"), "0.55 × 0.85 = 0.4675"),
        (PriorSelfPay(value="0.15"), "0.55; 28533.33 × 0.15 = 4280.00"),
    ],
)
def test_each_kind_of_reduction_is_explained(reduction: Factor | PriorSelfPay, formula: str) -> None:
    bill = named("S04b")
    rules = bill.rules.model_copy(update={"reduction": reduction})
    lines = {line.field: line for line in explain(settle(rules, Accumulators(), bill.items), rules)}
    assert lines["effective_ratio"].formula == formula
    assert lines["effective_ratio"].rules == ("ratio", "reduction")


def test_no_filing_needed_saves_the_family_4190_yuan() -> None:
    unfiled, free = named("S04a"), named("S04b")
    comparison = compare(unfiled.items, unfiled.rules, free.rules)
    assert comparison.saves == Decimal("4190.00")
    assert comparison.told(Text("免备案", "Needing no filing")) == Text(
        "免备案为您节省4,190.00元。", "Needing no filing saves you 4,190.00 yuan."
    )
    changed = {line.field: line.difference for line in comparison.lines if line.difference}
    assert changed == {
        "effective_ratio": Decimal("0.15"),
        "hifp_pay": Decimal("4190.00"),
        "penalty_share": Decimal("-4190.00"),
        "fund_pay_sumamt": Decimal("4190.00"),
        "psn_part_amt": Decimal("-4190.00"),
        "psn_cash_pay": Decimal("-4190.00"),
    }


def test_the_other_way_round_it_costs_more() -> None:
    unfiled, free = named("S04a"), named("S04b")
    told = compare(free.items, free.rules, unfiled.rules).told(Text("未备案", "Not filing"))
    assert told.en == "Not filing costs you 4,190.00 yuan more."


def test_what_changes_nothing_is_told_so() -> None:
    bill = named("S04a")
    told = compare(bill.items, bill.rules, bill.rules).told(Text("备案", "Filing"))
    assert told.en == "Filing makes no difference to what you pay."
