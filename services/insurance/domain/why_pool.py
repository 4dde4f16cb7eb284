"""Why the pooled fund paid what it paid: deductible, ratio, reduction, cap."""

from decimal import Decimal

from services.insurance.domain.rules import Factor, Points, PriorSelfPay, Rules
from services.insurance.domain.sheet import Sheet
from services.insurance.domain.values import percent, proportion_text
from services.insurance.domain.why import Why, yuan
from shared.standards.text import Text


def why_pool(s: Sheet, rules: Rules) -> dict[str, Why]:
    work, is_later = s.working, s.acc_before.stays > 0
    tier = rules.deductible.later if is_later else rules.deductible.first
    stay = (
        Text("本年度再次住院", "a later stay of the year")
        if is_later
        else Text("本年度首次住院", "the year's first stay")
    )
    counted = f"({work.base} − {work.prior_self_pay})" if work.prior_self_pay else f"{work.base}"
    effective, rate = proportion_text(s.effective_ratio), percent(s.effective_ratio)
    left = "" if rules.cap is None else f"; min({work.want}, {_left(rules.cap, s.acc_before.pool_used)}) = {s.hifp_pay}"
    return {
        "act_pay_dedc": Why(
            Text(
                f"{stay.zh}，起付线为{yuan(tier)}元，以内由个人承担。",
                f"The deductible of {stay.en} is {yuan(tier)} yuan; up to it you pay yourself.",
            ),
            f"min({tier}, {s.inscp_scp_amt}) = {s.act_pay_dedc}",
            ("deductible",),
        ),
        "effective_ratio": _ratio(s, rules),
        "hifp_pay": Why(
            Text(
                f"起付线以上的费用由统筹基金按{rate}的比例支付，年度累计不超过限额。",
                f"Above the deductible the pooled fund pays {rate}, within its yearly cap.",
            ),
            f"{counted} × {effective} = {work.want}{left}",
            ("ratio", "reduction", "cap"),
        ),
        "penalty_share": Why(
            Text(
                f"因未备案或转诊降低支付比例，由个人多负担{yuan(s.penalty_share)}元。",
                f"Without the reduction the pooled fund would have owed {yuan(s.penalty_share)} yuan more.",
            )
            if s.penalty_share
            else Text("支付比例没有降低。", "Nothing was taken off for filing or referral."),
            f"{work.base} × {proportion_text(rules.ratio)} − {work.want} = {s.penalty_share}",
            ("ratio", "reduction"),
        ),
        "overcap": Why(
            Text(
                "超过年度限额、统筹基金不再支付的部分。",
                "What the pooled fund no longer pays, its yearly cap being reached.",
            )
            if s.overcap
            else Text("未超过年度限额。", "The yearly cap is not reached."),
            f"{work.want} − {s.hifp_pay} = {s.overcap}",
            ("cap",),
        ),
    }


def _left(cap: Decimal, used: Decimal) -> str:
    return f"{cap} − {used}" if used <= cap else f"max(0, {cap} − {used})"


def _ratio(s: Sheet, rules: Rules) -> Why:
    ratio, effective = proportion_text(rules.ratio), proportion_text(s.effective_ratio)
    said = percent(rules.ratio)
    match rules.reduction:
        case Points(value=value) if not value:
            return Why(Text(f"支付比例为{said}。", f"The ratio is {said}."), ratio, ("ratio",))
        case Points(value=value):
            points = f"{(value * 100).normalize():f}"
            words = Text(
                f"支付比例为{said}，因异地就医降低{points}个百分点。",
                f"The ratio of {said} is {points} points lower for treatment away from home.",
            )
            formula = f"max(0, {ratio} − {value}) = {effective}"
        case Factor(value=value):
            words = Text(
                f"支付比例为{said}，异地就医按其{percent(value)}计算。",
                f"For treatment away from home {percent(value)} of the ratio of {said} counts.",
            )
            formula = f"{ratio} × {value} = {effective}"
        case PriorSelfPay(value=value):
            words = Text(
                f"异地就医先由个人自付{yuan(s.working.prior_self_pay)}元，其余按{said}支付。",
                f"For treatment away from home you pay {yuan(s.working.prior_self_pay)} yuan first; the ratio "
                f"of {said} counts for the rest.",
            )
            formula = f"{effective}; {s.inscp_scp_amt} × {value} = {s.working.prior_self_pay}"
    return Why(words, formula, ("ratio", "reduction"))
