"""What a policy says when it lays nothing down for a case: nothing is settled by a guess."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from services.insurance.domain.situation import Filing, Place
from services.insurance.domain.values import percent
from shared.contracts.errors import Invalid
from shared.standards.text import Text

LEVEL: Mapping[str, Text] = {
    "level1": Text("一级及以下医疗机构", "a hospital of level 1"),
    "level2": Text("二级医疗机构", "a hospital of level 2"),
    "level3_city": Text("市三级医疗机构", "a city's hospital of level 3"),
    "level3_region": Text("自治区（省）三级医疗机构", "a province's hospital of level 3"),
}
PLACE = {
    "city": Text("参保市内", "in the insured city"),
    "region": Text("省（自治区）内跨市", "elsewhere in the region"),
    "across": Text("跨省（自治区）", "in another province"),
}
FILING = {
    "none": Text("未备案", "unfiled"),
    "filed": Text("已备案", "filed"),
    "referred": Text("已转诊", "referred"),
    "emergency": Text("急诊", "an emergency"),
}


def no_version(policy: Text, day: date, first: date, last: date) -> Invalid:
    text = Text(
        f"{policy.zh}没有适用于{day}出院的规则（现有规则适用于{first}至{last}），请核对出院日期，或待该年度政策公布后结算。",
        f"{policy.en} has no rules for a discharge on {day} (those there are hold from {first} to {last}); please "
        "check the date, or settle once that year's rules are published.",
    )
    return Invalid("no_policy", *text, fields={"discharged_on": text})


def no_tier(policy: Text, level: str, place: Place) -> Invalid:
    """Also for a level that no policy knows."""
    if level in LEVEL:
        return not_in_policy(
            policy,
            "level",
            Text(f"{PLACE[place].zh}{LEVEL[level].zh}的待遇", f"{LEVEL[level].en} {PLACE[place].en}"),
            Text(
                "请核对医疗机构级别，或咨询参保地经办机构",
                "please check the hospital's level, or ask the office of insurance",
            ),
        )
    levels = listed(LEVEL)
    text = Text(
        f"没有这一医疗机构级别，请从以下级别中选择：{levels.zh}。",
        f"Hospitals have no such level; please choose one of {levels.en}.",
    )
    return Invalid("unknown_tier", *text, fields={"level": text})


def no_away_rule(policy: Text, place: Place, filing: Filing) -> Invalid:
    return not_in_policy(
        policy,
        "filing",
        Text(f"{PLACE[place].zh}就医、{FILING[filing].zh}的待遇", f"treatment {PLACE[place].en}, {FILING[filing].en}"),
        Text(
            "请先办理备案或转诊，或咨询参保地经办机构",
            "please file it or get a referral first, or ask the office of insurance",
        ),
    )


def unknown_class(policy: Text, known: Mapping[str, Text]) -> Invalid:
    names = listed(known)
    return not_in_policy(
        policy,
        "person_class",
        Text("该人员类别的待遇", "this class of insured"),
        Text(f"请从以下类别中选择：{names.zh}", f"please choose one of {names.en}"),
    )


def no_ratio(policy: Text, insured_class: Text, tier: Text) -> Invalid:
    return not_in_policy(
        policy,
        "person_class",
        Text(f"{insured_class.zh}在{tier.zh}医疗机构的支付比例", f"the ratio of {insured_class.en} at {tier.en}"),
        Text("请咨询参保地经办机构", "please ask the office of insurance"),
    )


def no_class_c(policy: Text, number: int) -> Invalid:
    return not_in_policy(
        policy,
        f"items.{number}.selfpay_prop",
        Text("丙类项目的先行自付比例", "a part paid first of class C"),
        Text("请按目录外自费申报，或核对类别", "please bill it as own expense, or check the class"),
    )


def another_class_c(policy: Text, number: int, ratio: Decimal) -> Invalid:
    return not_in_policy(
        policy,
        f"items.{number}.selfpay_prop",
        Text("丙类项目的这一先行自付比例", "this part paid first of class C"),
        Text(f"规定为{percent(ratio)}，请更正", f"it names {percent(ratio)}; please correct it"),
    )


def listed(known: Mapping[str, Text]) -> Text:
    """What there is to choose from, by name, each with the code to send."""
    return Text(
        "、".join(f"{name.zh}（{code}）" for code, name in known.items()),
        ", ".join(f"{name.en} ({code})" for code, name in known.items()),
    )


def not_in_policy(policy: Text, field: str, what: Text, do: Text) -> Invalid:
    """What the notices do not say is not invented."""
    text = Text(
        f"政策中没有此项：{policy.zh}未规定{what.zh}。{do.zh}。",
        f"Not in the policy: {policy.en} says nothing of {what.en}; {do.en}.",
    )
    return Invalid("not_in_policy", *text, fields={field: text})
