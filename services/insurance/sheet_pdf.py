"""A settlement's sheet to print. The same settlement is the same bytes."""

from collections.abc import Iterator
from pathlib import Path

from services.insurance.api.settlement_answers import SettlementShown
from shared.contracts.errors import Invalid
from shared.contracts.event import Json
from shared.department.answer import division_name
from shared.department.glyphs import Named, first_undrawn
from shared.department.typeset import typeset
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Text

TEMPLATE = Path(__file__).parent / "sheet" / "settlement.typ"
PLACES = {"city": "参保市内", "region": "省（自治区）内跨市", "across": "跨省"}
FILINGS = {"none": "未备案", "filed": "已备案", "referred": "已转诊", "emergency": "急诊"}
CATEGORIES = {"A": "甲", "B": "乙", "C": "丙"}


def sheet_pdf(shown: SettlementShown, region: str) -> bytes:
    """`region`: of insurance. Raises Invalid "missing_glyph". Blocks: call it in a thread."""
    heading = _heading(shown, region)
    _require_glyphs(shown, heading)
    return typeset(TEMPLATE, _page(shown, heading), shown.settled_at)


def _heading(shown: SettlementShown, region: str) -> tuple[Named, ...]:
    return (
        ("name", Text("姓名", "Name"), shown.name),
        ("id_number", Text("公民身份号码", "ID number"), shown.id_number),
        ("hospital_name", Text("医疗机构", "Hospital"), shown.hospital_name),
        ("hospital", Text("机构代码", "Its code"), shown.hospital),
        ("bill_number", Text("账单号", "Bill number"), shown.bill_number),
        ("region", Text("参保地", "Insured at"), division_name(region)),
        ("admitted_on", Text("入院日期", "Admitted"), str(shown.admitted_on)),
        ("discharged_on", Text("出院日期", "Discharged"), str(shown.discharged_on)),
        ("place", Text("就医地", "Treated"), PLACES.get(shown.place, shown.place)),
        ("filing", Text("备案", "Filing"), FILINGS.get(shown.filing, shown.filing)),
        ("diagnosis", Text("诊断", "Diagnosis"), shown.diagnosis or "—"),
        ("after", Text("本年度第几次", "Of the year"), str(shown.after.stays)),
    )


def _require_glyphs(shown: SettlementShown, heading: tuple[Named, ...]) -> None:
    if undrawn := first_undrawn(_texts(shown, heading)):
        field, label, points = undrawn
        said = Text(
            f"“{label.zh}”中的字（{'、'.join(points)}）字库里没有，印不出来，因此没有生成结算单；"
            "请报告管理员补充字库后再打印。结算本身不受影响，可先在屏幕上查看。",
            f"The font has no glyph for {', '.join(points)} in “{label.en}”, so the sheet was not made. Please have "
            "the administrator extend the font, then print it again. The settlement itself holds, and can be read on "
            "screen.",
        )
        raise Invalid("missing_glyph", *said, fields={field: said}, code_points=points)


def _texts(shown: SettlementShown, heading: tuple[Named, ...]) -> Iterator[Named]:
    """Whatever comes from outside the template."""
    yield from heading
    yield "reason", Text("冲销原因", "Reason of the reversal"), shown.reason or ""
    for item in shown.items:
        yield "items", Text("费用明细", "The bill"), item.name
    for line in shown.lines:
        yield "lines", Text("逐项说明", "Line by line"), "".join([*line.words.model_dump().values(), line.formula])


def _page(shown: SettlementShown, heading: tuple[Named, ...]) -> Json:
    page = shown.model_dump(mode="json")
    at = shown.settled_at.astimezone(SHANGHAI)
    return {
        **page,
        "settled_at": f"{at:%Y-%m-%d %H:%M}",
        "reason": shown.reason or "",
        "items": [one | {"category": CATEGORIES.get(one["category"], one["category"])} for one in page["items"]],
        "heading": [{"label": {"zh": label.zh, "en": label.en}, "value": value} for _, label, value in heading],
    }
