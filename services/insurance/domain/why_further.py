"""Why major illness, the large-amount fund and medical assistance paid what they paid."""

from services.insurance.domain.rules import LargeAmount, MajorIllness, MedicalAssistance, Rules
from services.insurance.domain.sheet import Sheet
from services.insurance.domain.values import percent, proportion_text
from services.insurance.domain.why import Why, yuan
from shared.standards.text import Text

NOT_PART = Text("本次适用的规则没有这一项。", "The rules that apply have no such part.")


def why_further(s: Sheet, rules: Rules) -> dict[str, Why]:
    none = Why(NOT_PART, "0.00")
    major = _major(s, rules.ci) if rules.ci else {"ci_compliant": none, "hifmi_pay": none}
    return {
        **major,
        "hifob_pay": _large(s, rules.large) if rules.large else none,
        "maf_pay": _assistance(s, rules.ma) if rules.ma else none,
    }


def _major(s: Sheet, ci: MajorIllness) -> dict[str, Why]:
    year = s.acc_before.ci_self + s.ci_compliant
    counted = [
        (True, s.working.standard_share),
        (ci.inc_deductible, s.act_pay_dedc),
        (ci.inc_preselfpay, s.preselfpay_amt),
        (ci.inc_penalty, s.penalty_share),
        (ci.inc_overcap, s.overcap),
    ]
    summed = " + ".join(str(amount) for is_counted, amount in counted if is_counted)
    bands = [f"{amount} × {proportion_text(ratio)}" for amount, ratio in ci.portions(s.acc_before.ci_self, year)]
    left = "" if ci.cap is None else f", ≤ {ci.cap} − {s.acc_before.ci_paid}"
    words = (
        Text(
            f"本年度计入大病保险的自付共{yuan(year)}元，超过{yuan(ci.threshold)}元的部分分段支付。",
            f"{yuan(year)} yuan are counted this year; major illness is paid in bands above {yuan(ci.threshold)}.",
        )
        if bands
        else Text(
            f"本年度计入大病保险的自付共{yuan(year)}元，未超过起付线{yuan(ci.threshold)}元。",
            f"{yuan(year)} yuan are counted this year; major-illness insurance pays above {yuan(ci.threshold)}.",
        )
    )
    return {
        "ci_compliant": Why(
            Text("个人承担的费用中计入大病保险的部分。", "What of your share counts for major-illness insurance."),
            f"{summed} = {s.ci_compliant}",
            ("ci",),
        ),
        "hifmi_pay": Why(words, f"{' + '.join(bands) or '0.00'}{left} = {s.hifmi_pay}", ("ci",)),
    }


def _large(s: Sheet, large: LargeAmount) -> Why:
    work = s.working
    return Why(
        Text(
            f"超过统筹基金限额的费用按{percent(large.overcap_ratio)}补助，限额内个人比例负担全年超过"
            f"{yuan(large.share_threshold)}元的部分按{percent(large.share_ratio)}补助。",
            f"It pays {percent(large.overcap_ratio)} of costs above the pooled fund's cap, and "
            f"{percent(large.share_ratio)} of your share below it above {yuan(large.share_threshold)} a year.",
        ),
        f"{work.over_fee} × {proportion_text(large.overcap_ratio)} + "
        f"{work.share_growth} × {proportion_text(large.share_ratio)} = {s.hifob_pay}",
        ("large",),
    )


def _assistance(s: Sheet, ma: MedicalAssistance) -> Why:
    left = "" if ma.cap is None else f", ≤ {ma.cap} − {s.acc_before.ma_used}"
    return Why(
        Text(
            f"其余政策范围内费用由医疗救助按{percent(ma.ratio)}支付，年度累计不超过限额。",
            f"Of what is left in scope medical assistance pays {percent(ma.ratio)}, within its yearly cap.",
        ),
        f"{s.working.assisted} × {proportion_text(ma.ratio)}{left} = {s.maf_pay}",
        ("ma",),
    )
