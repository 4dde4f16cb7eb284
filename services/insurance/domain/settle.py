"""Settling a bill: a pure function. Half a cent rounds up, once in each stated step, in this order.

Directory of the place of treatment, policy of the place of insurance (就医地目录、参保地政策).
"""

from collections.abc import Sequence
from decimal import Decimal

from services.insurance.domain.accumulators import Accumulators
from services.insurance.domain.bill import Item, total
from services.insurance.domain.rules import Factor, LargeAmount, MajorIllness, Points, PriorSelfPay, Rules
from services.insurance.domain.sheet import Sheet, Working
from shared.standards.money import ZERO, round_yuan


def settle(rules: Rules, acc: Accumulators, items: Sequence[Item], acct_balance: Decimal | None = None) -> Sheet:
    """The sheet of one bill, given what the year has used. `acct_balance` is the personal account's, None without one.

    Raises NotValid "too_large" for a total of 10^13 yuan or more.
    """
    # 1. the items, each rounded
    fee = total(items)
    own = sum((item.own for item in items), ZERO)
    overlimit = sum((item.overlimit for item in items), ZERO)
    preself = sum((round_yuan((i.amt - i.own - i.overlimit) * i.selfpay_prop) for i in items), ZERO)
    in_scope = fee - own - overlimit - preself

    # 2. the deductible
    deductible = min(rules.deductible.later if acc.stays else rules.deductible.first, in_scope)
    base = in_scope - deductible

    # 3. the pooled fund
    effective, prior = _reduced(rules, in_scope, base)
    want = round_yuan((base - prior) * effective)
    pool = _within(rules.cap, acc.pool_used, want)

    # 4. what the person bears of the base, and why
    standard = round_yuan(base * rules.ratio)
    standard_share, penalty, overcap = base - standard, standard - want, want - pool

    # 5. major illness
    compliant = major = ZERO
    if rules.ci:
        compliant = _compliant(rules.ci, deductible, standard_share, preself, penalty, overcap)
        portions = rules.ci.portions(acc.ci_self, acc.ci_self + compliant)
        growth = sum((amount * ratio for amount, ratio in portions), ZERO)
        major = _within(rules.ci.cap, acc.ci_paid, round_yuan(growth))

    # 6. the large-amount fund
    over_fee = share = share_growth = large = ZERO
    if rules.large:
        inside = prior + round_yuan(pool / effective) if overcap else base
        over_fee, share = base - inside, inside - pool
        share_growth = _growth(rules.large, acc.ratio_share, share)
        pay = round_yuan(over_fee * rules.large.overcap_ratio) + round_yuan(share_growth * rules.large.share_ratio)
        large = min(pay, in_scope + preself - pool - major)  # where 大病 covers the same costs

    # 7. medical assistance
    assisted = maf = ZERO
    if rules.ma:
        borne = in_scope - pool - major - large - (ZERO if rules.ma.inc_penalty else penalty)
        assisted = max(ZERO, borne - rules.ma.threshold)
        maf = _within(rules.ma.cap, acc.ma_used, round_yuan(assisted * rules.ma.ratio))

    # 8. who pays
    fund = pool + major + large + maf
    person = fee - fund
    account = min(acct_balance or ZERO, person)
    return Sheet(
        medfee_sumamt=fee,
        fulamt_ownpay_amt=own,
        overlmt_selfpay=overlimit,
        preselfpay_amt=preself,
        inscp_scp_amt=in_scope,
        act_pay_dedc=deductible,
        effective_ratio=effective,
        hifp_pay=pool,
        penalty_share=penalty,
        overcap=overcap,
        ci_compliant=compliant,
        hifmi_pay=major,
        hifob_pay=large,
        maf_pay=maf,
        fund_pay_sumamt=fund,
        psn_part_amt=person,
        acct_pay=account,
        psn_cash_pay=person - account,
        working=Working(base, prior, want, standard_share, over_fee, share, share_growth, assisted),
        acc_before=acc,
    )


def _reduced(rules: Rules, in_scope: Decimal, base: Decimal) -> tuple[Decimal, Decimal]:
    """The ratio that holds, and what of the base it does not apply to."""
    match rules.reduction:
        case Points(value=value):
            return max(ZERO, rules.ratio - value), ZERO
        case Factor(value=value):
            return rules.ratio * value, ZERO
        case PriorSelfPay(value=value):
            return rules.ratio, min(base, round_yuan(in_scope * value))


def _within(cap: Decimal | None, used: Decimal, pay: Decimal) -> Decimal:
    """What a yearly cap leaves of a payment."""
    return pay if cap is None else min(pay, max(ZERO, cap - used))


def _compliant(
    ci: MajorIllness, deductible: Decimal, standard_share: Decimal, preself: Decimal, penalty: Decimal, overcap: Decimal
) -> Decimal:
    counted = (
        (ci.inc_deductible, deductible),
        (ci.inc_preselfpay, preself),
        (ci.inc_penalty, penalty),
        (ci.inc_overcap, overcap),
    )
    return sum((amount for is_counted, amount in counted if is_counted), standard_share)


def _growth(large: LargeAmount, before: Decimal, share: Decimal) -> Decimal:
    """By how much the year's share above the threshold grows."""
    return max(ZERO, before + share - large.share_threshold) - max(ZERO, before - large.share_threshold)
