"""The sheet to print: what it says is on it, and the same settlement is the same bytes."""

from uuid import uuid4

import pypdfium2

from tests.services.insurance.examples import AT_HOME
from tests.services.insurance.office import Office, bill, problem, settle


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
