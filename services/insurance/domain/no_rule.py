"""What a policy says when it lays nothing down for a case: nothing is settled by a guess."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.insurance.domain.situation import Filing, Place
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
        text = Text(
            f"{policy.zh}未规定{PLACE[place].zh}{LEVEL[level].zh}的待遇，请核对医疗机构级别或咨询参保地经办机构。",
            f"{policy.en} has no rule for {LEVEL[level].en} {PLACE[place].en}; please check the hospital's level, or "
            "ask the office of insurance.",
        )
    else:
        levels = ", ".join(LEVEL)
        text = Text(
            f"没有这一医疗机构级别，请从以下级别中选择：{levels}。",
            f"Hospitals have no such level; please choose one of {levels}.",
        )
    return Invalid("unknown_tier", *text, fields={"level": text})


def no_away_rule(policy: Text, place: Place, filing: Filing) -> Invalid:
    text = Text(
        f"{policy.zh}未规定{PLACE[place].zh}就医、{FILING[filing].zh}的待遇，请先办理备案或转诊，或咨询参保地经办机构。",
        f"{policy.en} has no rule for treatment {PLACE[place].en}, {FILING[filing].en}; please file it or get a "
        "referral first, or ask the office of insurance.",
    )
    return Invalid("no_away_rule", *text, fields={"filing": text})


def unknown_class(policy: Text, known: Iterable[str]) -> Invalid:
    names = ", ".join(known)
    text = Text(
        f"{policy.zh}没有该人员类别，请从以下类别中选择：{names}。",
        f"{policy.en} knows no such class of insured; please choose one of {names}.",
    )
    return Invalid("unknown_class", *text, fields={"insured_class": text})
