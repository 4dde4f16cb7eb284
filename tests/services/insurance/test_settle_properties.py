"""What holds for every bill. Each example is a hundred bills, so that ten thousand take seconds."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Item
from services.insurance.domain.compare import compare
from services.insurance.domain.explain import explain
from services.insurance.domain.rules import Rules
from services.insurance.domain.settle import settle
from services.insurance.domain.sheet import FIELDS, Sheet
from tests.services.insurance import random_bills
from tests.services.insurance.random_bills import Case, cases

seeds = st.integers(0, 2**32)
HALF_A_CENT = Decimal("0.005")
CENT = Decimal("0.01")


def of(case: Case) -> Sheet:
    return settle(case.rules, case.acc, case.items, case.acct_balance)


def left(cap: Decimal | None, used: Decimal) -> Decimal:
    return Decimal("Infinity") if cap is None else max(Decimal(0), cap - used)


def year_of(rules: Rules, stays: Sequence[list[Item]]) -> list[Sheet]:
    sheets: list[Sheet] = []
    for items in stays:
        sheets.append(settle(rules, sheets[-1].acc_after if sheets else Accumulators(), items))
    return sheets


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_sheet_always_adds_up(seed: int) -> None:
    for case in cases(seed, 100):
        s = of(case)
        assert s.medfee_sumamt == s.fulamt_ownpay_amt + s.overlmt_selfpay + s.preselfpay_amt + s.inscp_scp_amt, case
        assert s.medfee_sumamt == s.fund_pay_sumamt + s.psn_part_amt, case
        assert s.psn_part_amt == s.acct_pay + s.psn_cash_pay, case
        assert s.fund_pay_sumamt == s.hifp_pay + s.hifmi_pay + s.hifob_pay + s.maf_pay, case
        assert s.working.base == s.hifp_pay + s.working.standard_share + s.penalty_share + s.overcap, case


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_every_amount_is_whole_cents_and_none_negative(seed: int) -> None:
    for case in cases(seed, 100):
        s = of(case)
        for field in FIELDS:
            value = getattr(s, field)
            assert value >= 0, (field, case)
            assert field == "effective_ratio" or value.as_tuple().exponent == -2, (field, case)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_no_fund_pays_beyond_its_limit(seed: int) -> None:
    for case in cases(seed, 100):
        s, rules, acc = of(case), case.rules, case.acc
        assert s.act_pay_dedc <= (rules.deductible.later if acc.stays else rules.deductible.first), case
        assert s.hifp_pay <= left(rules.cap, acc.pool_used), case
        assert s.hifmi_pay <= (left(rules.ci.cap, acc.ci_paid) if rules.ci else 0), case
        assert s.hifmi_pay <= s.ci_compliant + CENT, case
        assert s.maf_pay <= (left(rules.ma.cap, acc.ma_used) if rules.ma else 0), case
        assert s.fund_pay_sumamt <= s.inscp_scp_amt + s.preselfpay_amt, case
        assert s.acct_pay <= (case.acct_balance or 0), case


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_order_of_items_does_not_matter(seed: int) -> None:
    for case in cases(seed, 50):
        other = list(case.items)
        Random(seed).shuffle(other)
        assert settle(case.rules, case.acc, other, case.acct_balance) == of(case)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_reversing_in_reverse_order_returns_every_accumulator(seed: int) -> None:
    random = Random(seed)
    for _ in range(10):
        years, sheets = [Accumulators()], []
        for _ in range(random.randint(1, 6)):
            case = random_bills.case(random)
            sheets.append(settle(case.rules, years[-1], case.items, case.acct_balance))
            years.append(sheets[-1].acc_after)
        year = years.pop()
        while sheets:
            year = year.minus(sheets.pop().used)
            assert year == years.pop()
        assert year == Accumulators()


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_however_a_year_is_split_no_fund_exceeds_its_yearly_limit(seed: int) -> None:
    random = Random(seed)
    for _ in range(10):
        rules = random_bills.rules(random)
        stays = [random_bills.items(random) for _ in range(random.randint(1, 6))]
        after = year_of(rules, stays)[-1].acc_after
        assert after.pool_used <= left(rules.cap, Decimal(0))
        assert after.ci_paid <= (left(rules.ci.cap, Decimal(0)) if rules.ci else 0)
        assert after.ma_used <= (left(rules.ma.cap, Decimal(0)) if rules.ma else 0)
        if rules.ci:
            worth = sum(a * r for a, r in rules.ci.portions(Decimal(0), after.ci_self))
            assert after.ci_paid <= worth + HALF_A_CENT * len(stays)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_splitting_a_bill_gains_no_more_of_the_pooled_fund_than_the_lower_deductible(seed: int) -> None:
    """A later stay's deductible may be lower: that much the rules themselves give, and no more but rounding."""
    random = Random(seed)
    for _ in range(20):
        rules = random_bills.rules(random)
        stays = [random_bills.items(random) for _ in range(random.randint(2, 4))]
        (whole,) = year_of(rules, [[item for items in stays for item in items]])
        parts = year_of(rules, stays)
        lower = max(Decimal(0), rules.deductible.first - rules.deductible.later)
        rounding = CENT * (len(stays) + 1)
        gained = sum(part.hifp_pay for part in parts) - whole.hifp_pay
        assert gained <= lower * whole.effective_ratio + rounding, (rules, stays)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_splitting_a_bill_above_the_first_deductible_gains_nothing_of_pooled_fund_and_major_illness(seed: int) -> None:
    """Of plain rules: where the penalty does not count and the deductible does, a second deductible can pay."""
    random = Random(seed)
    for _ in range(20):
        rules = random_bills.plain_rules(random)
        stays = [random_bills.items(random) for _ in range(random.randint(2, 4))]
        stays[0].append(Item(amt=rules.deductible.first))
        (whole,) = year_of(rules, [[item for items in stays for item in items]])
        parts = year_of(rules, stays)
        gained = sum(part.hifp_pay + part.hifmi_pay for part in parts) - whole.hifp_pay - whole.hifmi_pay
        assert gained <= 2 * CENT * (len(stays) + 1), (rules, stays)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_what_is_outside_the_insurance_changes_nothing_within(seed: int) -> None:
    for case in cases(seed, 50):
        extra = random_bills.amount(Random(seed), 1_000)
        more = settle(case.rules, case.acc, [*case.items, Item(amt=extra, own=extra)], case.acct_balance)
        assert more.fund_pay_sumamt == of(case).fund_pay_sumamt
        assert more.psn_part_amt == of(case).psn_part_amt + extra


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_dearer_bill_is_never_paid_less_and_never_costs_less(seed: int) -> None:
    for case in cases(seed, 50):
        rules = random_bills.plain_rules(Random(seed))
        less = settle(rules, case.acc, case.items)
        more = settle(rules, case.acc, [*case.items, Item(amt=random_bills.amount(Random(seed), 10_000))])
        assert more.hifp_pay >= less.hifp_pay, case
        assert more.fund_pay_sumamt >= less.fund_pay_sumamt - 3 * CENT, case
        assert more.psn_part_amt >= less.psn_part_amt - 3 * CENT, case


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_kinder_rules_never_pay_less_of_the_pooled_fund(seed: int) -> None:
    for case in cases(seed, 30):
        rules = case.rules
        ratios = sorted(random_bills.proportion(Random(seed + n)) for n in range(3))
        deductible = rules.deductible.model_copy(update={"first": Decimal(0), "later": Decimal(0)})
        steps = [rules.model_copy(update={"ratio": ratio}) for ratio in ratios]
        steps += [
            steps[-1].model_copy(update={"deductible": deductible}),
            steps[-1].model_copy(update={"deductible": deductible, "cap": None}),
        ]
        paid = [settle(step, case.acc, case.items).hifp_pay for step in steps]
        assert all(one <= other for one, other in pairwise(paid)), (paid, case)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_reduction_never_pays_more_of_the_pooled_fund(seed: int) -> None:
    for case in cases(seed, 50):
        free = Rules.model_validate(case.rules.model_dump(exclude={"reduction"}))
        found = compare(case.items, case.rules, free, case.acc)
        assert found.other.hifp_pay >= found.one.hifp_pay
        assert found.other.penalty_share == 0


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_every_formula_ends_in_its_amount(seed: int) -> None:
    for case in cases(seed, 20):
        for line in explain(of(case), case.rules):
            if line.field != "effective_ratio":
                assert line.formula.split()[-1] == str(line.amount), (line, case)
