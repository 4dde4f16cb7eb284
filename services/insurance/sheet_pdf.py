"""A settlement's sheet to print. The same settlement is the same bytes."""

from pathlib import Path

from services.insurance.api.settlement_answers import SettlementShown
from shared.contracts.event import Json
from shared.department.answer import division_name
from shared.department.typeset import typeset
from shared.standards.shanghai import SHANGHAI
from shared.standards.text import Text

TEMPLATE = Path(__file__).parent / "sheet" / "settlement.typ"
PLACES = {"city": "参保市内", "region": "省（自治区）内跨市", "across": "跨省"}
FILINGS = {"none": "未备案", "filed": "已备案", "referred": "已转诊", "emergency": "急诊"}
CATEGORIES = {"A": "甲", "B": "乙", "C": "丙"}


def sheet_pdf(shown: SettlementShown, region: str) -> bytes:
    """`region`: of insurance. Blocks: call it in a thread."""
    return typeset(TEMPLATE, _page(shown, region), shown.settled_at)


def _page(shown: SettlementShown, region: str) -> Json:
    page = shown.model_dump(mode="json")
    at = shown.settled_at.astimezone(SHANGHAI)
    heading = (
        (Text("姓名", "Name"), shown.name),
        (Text("公民身份号码", "ID number"), shown.id_number),
        (Text("医疗机构", "Hospital"), shown.hospital_name),
        (Text("机构代码", "Its code"), shown.hospital),
        (Text("账单号", "Bill number"), shown.bill_number),
        (Text("参保地", "Insured at"), division_name(region)),
        (Text("入院日期", "Admitted"), str(shown.admitted_on)),
        (Text("出院日期", "Discharged"), str(shown.discharged_on)),
        (Text("就医地", "Treated"), PLACES.get(shown.place, shown.place)),
        (Text("备案", "Filing"), FILINGS.get(shown.filing, shown.filing)),
        (Text("诊断", "Diagnosis"), shown.diagnosis or "—"),
        (Text("本年度第几次", "Of the year"), str(shown.after.stays)),
    )
    return {
        **page,
        "settled_at": f"{at:%Y-%m-%d %H:%M}",
        "reason": shown.reason or "",
        "items": [one | {"category": CATEGORIES.get(one["category"], one["category"])} for one in page["items"]],
        "heading": [{"label": {"zh": label.zh, "en": label.en}, "value": value} for label, value in heading],
    }
