"""What a window prints for a patient: the sheet of a settlement, and the notice that a bill is held (待核实).

Plain sentences and the policy's name, no formulas and no ids of rules. The same settlement is the same bytes.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from services.insurance.api.held_answers import HeldShown
from services.insurance.api.settlement_answers import LineShown, SettlementShown
from services.insurance.domain.values import percent
from services.insurance.policies import policies
from shared.contracts.errors import Invalid
from shared.contracts.event import Json
from shared.contracts.insurance import BilledItem
from shared.department.answer import division_name
from shared.department.glyphs import Named, first_undrawn
from shared.department.typeset import typeset
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Text

TEMPLATE = Path(__file__).parent / "sheet" / "settlement.typ"
PLACES = {"city": "参保市内", "region": "省（自治区）内跨市", "across": "跨省"}
FILINGS = {"none": "未备案", "filed": "已备案", "referred": "已转诊", "emergency": "急诊"}
NO_FILING_NEEDED = "无须备案"
EXEMPT = "免备案"
CATEGORIES = {"A": "甲", "B": "乙", "C": "丙"}

LINES: dict[str, str] = {
    "medfee_sumamt": "总费用",
    "fulamt_ownpay_amt": "目录外自费",
    "overlmt_selfpay": "超限价自费",
    "preselfpay_amt": "先行自付",
    "act_pay_dedc": "起付线",
    "hifp_pay": "统筹基金支付",
    "penalty_share": "因降低支付比例增加的个人负担",
    "overcap": "超过统筹基金年度限额",
    "hifmi_pay": "大病保险支付",
    "hifob_pay": "职工大额补助支付",
    "maf_pay": "医疗救助支付",
    "fund_pay_sumamt": "基金支付合计",
    "psn_part_amt": "个人负担合计",
    "acct_pay": "个人账户支付",
    "psn_cash_pay": "现金支付",
}
"""What a patient reads, in this order."""
ALWAYS = frozenset(LINES) - {"overlmt_selfpay", "penalty_share", "overcap", "hifob_pay"}
NONE = Decimal("0.00")
RATIO = re.compile(r"(支付比例为?|比例的?|按)(0\.[0-9]+|1\.00)")  # as sheets of earlier days told it


def sheet_pdf(shown: SettlementShown, region: str) -> bytes:
    """`region`: of insurance. Raises Invalid "missing_glyph". Blocks: call it in a thread."""
    heading = _heading(shown, region)
    lines = list(_lines(shown.lines, shown.policy_name.zh if shown.policy_name else ""))
    _require_glyphs([*heading, *_texts(shown.items, lines, shown.reason)])
    at = shown.settled_at.astimezone(SHANGHAI)
    page: Json = {
        "title": "医疗保障基金结算单",
        "banner": f"已冲销：{shown.reason}" if shown.is_reversed else "",
        "notes": [],
        "number": str(shown.settlement),
        "author": shown.hospital_name,
        "heading": _labelled(heading),
        "items": _items(shown.items),
        "lines": lines,
        "foot": f"结算时间：{at:%Y-%m-%d %H:%M}",
    }
    return typeset(TEMPLATE, page, shown.settled_at)


def held_pdf(shown: HeldShown) -> bytes:
    """Raises Invalid "missing_glyph". Blocks: call it in a thread."""
    heading = _held_heading(shown)
    bill, notes = shown.bill, [one.words.zh for one in shown.concerns]
    lines = list(_lines(bill.lines, "")) if bill else []
    reason = shown.reason.zh if shown.reason else ""
    _require_glyphs([*heading, *_texts(bill.items if bill else [], lines, reason), *_named(notes)])
    at = shown.held_at.astimezone(SHANGHAI)
    page: Json = {
        "title": "待核实告知单",
        "banner": shown.message.zh + (f"理由：{reason}。" if reason else ""),
        "notes": notes,
        "number": str(shown.held),
        "author": bill.hospital_name if bill else "",
        "heading": _labelled(heading),
        "items": _items(bill.items) if bill else [],
        "lines": lines,
        "foot": f"以上金额为试算，核实通过后以结算单为准 · 受理时间：{at:%Y-%m-%d %H:%M}",
    }
    return typeset(TEMPLATE, page, shown.held_at)


def _heading(shown: SettlementShown, region: str) -> tuple[Named, ...]:
    return (
        ("name", Text("姓名", "Name"), shown.name),
        ("id_number", Text("公民身份号码", "ID number"), shown.id_number),
        ("hospital_name", Text("医疗机构", "Hospital"), shown.hospital_name),
        ("bill_number", Text("账单号", "Bill number"), shown.bill_number),
        ("region", Text("参保地", "Insured at"), division_name(region)),
        ("place", Text("就医地", "Treated"), PLACES.get(shown.place, shown.place)),
        ("admitted_on", Text("入院日期", "Admitted"), str(shown.admitted_on)),
        ("discharged_on", Text("出院日期", "Discharged"), str(shown.discharged_on)),
        ("filing", Text("异地就医备案", "Filing"), filing_said(shown)),
        ("after", Text("本年度结算次数", "Of the year"), f"第{shown.after.stays}次"),
        ("diagnosis", Text("诊断", "Diagnosis"), shown.diagnosis or "—"),
        ("policy", Text("待遇政策", "Policy"), shown.policy_name.zh if shown.policy_name else shown.policy),
    )


def filing_said(shown: SettlementShown) -> str:
    """ "未备案" only where a filing would have counted."""
    if shown.filing != "none":
        return FILINGS.get(shown.filing, shown.filing)
    if shown.place == "city":
        return NO_FILING_NEEDED
    return EXEMPT if _is_exempt(shown) else FILINGS["none"]


def _is_exempt(shown: SettlementShown) -> bool:
    """Whether the version it was settled by takes nothing off an unfiled treatment there."""
    policy = policies().by_id.get(shown.policy)
    version = next((one for one in policy.versions if one.version == shown.policy_version), None) if policy else None
    if version is None:
        return False
    here = [one for one in version.away.values() if shown.place in one.places and "none" in one.filings]
    return bool(here) and all(one.reduction is None for one in here)


def _held_heading(shown: HeldShown) -> tuple[Named, ...]:
    of = shown.bill
    about: tuple[Named, ...] = ()
    if of is not None:
        about = (
            ("hospital_name", Text("医疗机构", "Hospital"), of.hospital_name),
            ("bill_number", Text("账单号", "Bill number"), of.bill_number),
            ("admitted_on", Text("入院日期", "Admitted"), str(of.admitted_on)),
            ("discharged_on", Text("出院日期", "Discharged"), str(of.discharged_on)),
        )
    return (
        ("name", Text("姓名", "Name"), shown.name),
        ("id_number", Text("公民身份号码", "ID number"), shown.id_number),
        ("region", Text("参保地", "Insured at"), division_name(shown.region)),
        ("amount", Text("涉及金额", "Amount"), f"{shown.amount}元"),
        *about,
    )


def _lines(lines: Sequence[LineShown], policy: str) -> Iterator[Json]:
    """Those that a patient reads. The policy's name stands beside what the policy decides."""
    by_field = {one.field: one for one in lines}
    ratio = by_field.get("effective_ratio")
    for field, label in LINES.items():
        line = by_field.get(field)
        if line is None or (field not in ALWAYS and Decimal(line.amount) == NONE):
            continue
        if field == "hifp_pay" and ratio is not None:
            label = f"{label}（{percent(Decimal(ratio.amount))}）"
        said = RATIO.sub(lambda found: found[1] + percent(Decimal(found[2])), line.words.zh)
        yield {"label": label, "amount": line.amount, "words": said, "policy": policy if line.rules else ""}


def _labelled(heading: Sequence[Named]) -> list[Json]:
    return [{"label": label.zh, "value": value} for _, label, value in heading]


def _items(items: Sequence[BilledItem]) -> list[Json]:
    return [
        {
            "name": one.name,
            "category": CATEGORIES.get(one.category, one.category),
            "amt": str(one.amt),
            "first": percent(Decimal(one.selfpay_prop or "0")),
            "own": str(one.own),
            "overlimit": str(one.overlimit),
        }
        for one in items
    ]


def _require_glyphs(texts: Sequence[Named]) -> None:
    if undrawn := first_undrawn(texts):
        field, label, points = undrawn
        said = Text(
            f"“{label.zh}”中的字（{'、'.join(points)}）字库里没有，无法打印，因此没有生成结算单；"
            "请报告管理员补充字库后再打印。结算本身不受影响，可先在屏幕上查看。",
            f"The font has no glyph for {', '.join(points)} in “{label.en}”, so the sheet was not made. Please have "
            "the administrator extend the font, then print it again. The settlement itself holds, and can be read on "
            "screen.",
        )
        raise Invalid("missing_glyph", *said, fields={field: said}, code_points=points)


def _texts(items: Sequence[BilledItem], lines: Sequence[Json], reason: str | None) -> Iterator[Named]:
    """Whatever comes from outside the template."""
    yield "reason", Text("原因", "Reason"), reason or ""
    for item in items:
        yield "items", Text("费用明细", "The bill"), item.name
    for line in lines:
        yield "lines", Text("逐项说明", "Line by line"), f"{line['label']}{line['words']}{line['policy']}"


def _named(notes: Sequence[str]) -> Iterator[Named]:
    for note in notes:
        yield "concerns", Text("待核实原因", "Why it is held"), note
