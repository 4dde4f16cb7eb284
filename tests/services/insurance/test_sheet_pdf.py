"""The sheet to print: what it says is on it, and the same settlement is the same bytes."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest

from shared.contracts.identity import PersonCorrected
from tests.services.insurance.examples import AT_HOME, MOTHER, MOTHERS_NUMBER, NOW
from tests.services.insurance.office import Office, bill, fields, problem, settle


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


async def test_the_sheet_says_line_by_line_who_pays_what_and_why(office: Office) -> None:
    await office.insure()
    window, citizen = await office.window(), await office.citizen()
    shown = await settle(window, bill(diagnosis="股骨颈骨折"))
    path = f"/settlements/{shown['settlement']}/sheet.pdf"
    answer = await window.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    for said in ("韦样例", "450821********9986", "广西示例医科大学附属医院", "32133.33", "15588.00", "股骨颈骨折"):
        assert said in text
    assert (await citizen.get(path)).content == answer.content


async def test_the_sheet_speaks_to_a_patient(office: Office) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    text = one_line((await window.get(f"/settlements/{shown['settlement']}/sheet.pdf")).content)
    for said in (
        "总费用",
        "目录外自费",
        "先行自付",
        "起付线",
        "统筹基金支付（55%）",
        "大病保险支付",
        "医疗救助支付",
        "个人账户支付",
        "现金支付",
        "广西城乡居民基本医疗保险",
        "免备案",
    ):
        assert said in text, said
    for hidden in ("selfpay_prop", "×", "min(", "guangxi-residents", "0.55", "未备案", shown["event"], "Settlement"):
        assert hidden not in text, hidden


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "免备案"),
        ({"admitted_on": "2023-06-01", "discharged_on": "2023-06-28"}, "未备案"),
        ({"admitted_on": "2023-06-01", "discharged_on": "2023-06-28", "is_emergency": True}, "急诊"),
    ],
)
async def test_unfiled_is_said_only_where_a_filing_would_have_counted(
    office: Office, changed: dict[str, Any], said: str
) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill(**changed))
    text = one_line((await window.get(f"/settlements/{shown['settlement']}/sheet.pdf")).content)
    assert f"异地就医备案{said}" in text


@pytest.mark.parametrize("name", ["A" * 100, "超" * 100, "A1-" * 33, "W" * 70])
async def test_a_long_name_never_overprints_an_amount(office: Office, name: str) -> None:
    await office.insure()
    window = await office.window()
    items = [{"name": name, "category": "A", "amt": "9999999.99"}, {"name": "护理", "category": "A", "amt": "1.00"}]
    held = await window.post("/settlements", json=bill(items=items, diagnosis=name))
    pdf = (await window.get(f"/held/{held.json()['held']}/notice.pdf")).content
    letters = [one for page in pypdfium2.PdfDocument(pdf) for one in letters_of(page)]
    assert "9999999.99" in one_line(pdf)
    assert list(overprinted(letters)) == []
    assert max(box[2] for _, box in letters) < RIGHT_EDGE


def one_line(pdf: bytes) -> str:
    return re.sub(r"\s", "", text_of(pdf))


Box = tuple[float, float, float, float]  # left, bottom, right, top; in points
RIGHT_EDGE = 595 - 45  # A4, less most of the margin


def letters_of(page: pypdfium2.PdfPage) -> list[tuple[str, Box]]:
    """Each character that is drawn, and where."""
    text = page.get_textpage()
    drawn = [(text.get_text_range(n, 1), text.get_charbox(n)) for n in range(text.count_chars())]
    return [(character, box) for character, box in drawn if character.strip("\u200b\r\n ")]


def overprinted(letters: list[tuple[str, Box]]) -> Iterator[tuple[str, str]]:
    """Characters that cover each other by more than a hair."""
    rising = sorted(letters, key=lambda one: one[1][0])
    for number, (character, box) in enumerate(rising):
        for other, its in rising[number + 1 :]:
            if its[0] > box[2] - 1:
                break
            if min(box[3], its[3]) - max(box[1], its[1]) > 1:
                yield character, other


async def test_a_reversed_sheet_says_so(office: Office) -> None:
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    await window.post(f"/settlements/{shown['settlement']}/reverse", json={"reason": "账单有误"})
    assert "已冲销" in text_of((await window.get(f"/settlements/{shown['settlement']}/sheet.pdf")).content)


async def test_who_may_not_see_a_settlement_may_not_print_it(office: Office) -> None:
    await office.insure()
    window, other = await office.window(), await office.window(AT_HOME.division)
    shown = await settle(window, bill())
    assert problem(await other.get(f"/settlements/{shown['settlement']}/sheet.pdf")) == (404, "no_such_settlement")
    assert problem(await window.get(f"/settlements/{uuid4()}/sheet.pdf")) == (404, "no_such_settlement")


async def test_a_patient_whose_name_the_font_cannot_draw_is_told_instead_of_printed(office: Office) -> None:
    """What is typed at the window is looked at when it is typed; a name comes from the register."""
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    corrected = PersonCorrected(person=MOTHER, name="𠮷样例", id_number=MOTHERS_NUMBER, reason="x", corrected_at=NOW)
    await office.department.give(f"person-{MOTHER}", corrected)
    later = await settle(window, bill("ZY9", discharged_on="2023-07-06"))
    answer = await window.get(f"/settlements/{later['settlement']}/sheet.pdf")
    assert (problem(answer), fields(answer)) == ((422, "missing_glyph"), {"name"})
    assert "U+20BB7" in answer.text
    assert "administrator" in answer.text
    assert "𠮷" not in answer.text
    assert (await window.get(f"/settlements/{shown['settlement']}/sheet.pdf")).status_code == 200


async def test_the_reason_of_a_reversal_is_looked_at_when_it_is_typed(office: Office) -> None:
    await office.insure()
    window = await office.window()
    path = f"/settlements/{(await settle(window, bill()))['settlement']}"
    answer = await window.post(f"{path}/reverse", json={"reason": "姓名应为𠮷"})
    assert (problem(answer)[0], fields(answer)) == (422, {"reason"})
    assert "U+20BB7" in answer.text
