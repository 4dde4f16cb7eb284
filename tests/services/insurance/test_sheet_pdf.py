"""The sheet to print: what it says is on it, and the same settlement is the same bytes."""

from typing import Any
from uuid import uuid4

import pypdfium2
import pytest

from tests.services.insurance.examples import AT_HOME, MOTHER
from tests.services.insurance.office import NAMES, Office, bill, fields, problem, settle


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
    assert "guangxi-residents-2023-07/ratio.level3_region" in text.replace("\r\n", "").replace("\n", "")
    assert shown["event"] in text
    assert (await citizen.get(path)).content == answer.content


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


@pytest.mark.parametrize(
    ("changed", "field", "point"),
    [
        ({"diagnosis": "𠮷氏病"}, "diagnosis", "U+20BB7"),
        ({"items": [{"name": "𠮷手术费", "category": "A", "amt": "100.00"}]}, "items.0.name", "U+20BB7"),
        ({"items": [{"name": "手术\u202e费", "category": "A", "amt": "100.00"}]}, "items.0.name", "U+202E"),
        ({"items": [{"name": "手术\ue863费", "category": "A", "amt": "100.00"}]}, "items.0.name", "U+E863"),
    ],
)
async def test_what_no_sheet_can_show_is_refused_at_the_door(
    office: Office, changed: dict[str, Any], field: str, point: str
) -> None:
    await office.insure()
    window = await office.window()
    for door in ("/quotes", "/settlements"):
        answer = await window.post(door, json=bill(**changed))
        told = {one["field"]: one["message"] for one in answer.json()["errors"]}
        assert answer.status_code == 422
        assert point in told[field]


async def test_a_patient_whom_the_font_cannot_draw_is_told_instead_of_printed(office: Office) -> None:
    await office.register(MOTHER, "韦𠮷", NAMES[MOTHER][1])
    await office.insure()
    window = await office.window()
    shown = await settle(window, bill())
    answer = await window.get(f"/settlements/{shown['settlement']}/sheet.pdf")
    assert (problem(answer), fields(answer)) == ((422, "missing_glyph"), {"name"})
    assert "U+20BB7" in answer.text
    assert "administrator" in answer.text
    assert "𠮷" not in answer.text
    assert (await window.get(f"/settlements/{shown['settlement']}")).status_code == 200


async def test_the_reason_of_a_reversal_is_looked_at(office: Office) -> None:
    await office.insure()
    window = await office.window()
    path = f"/settlements/{(await settle(window, bill()))['settlement']}"
    answer = await window.post(f"{path}/reverse", json={"reason": "姓名应为𠮷"})
    assert (answer.status_code, fields(answer)) == (422, {"reason"})
    assert "U+20BB7" in answer.text
