"""The page as a PDF: always the same, all of it readable, nothing in it read as markup."""

from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from services.certificates.catalogue_files import catalogue
from services.certificates.document.page import Page
from services.certificates.document.rendering import render
from shared.contracts.errors import Misconfigured
from tests.services.certificates.document.paper import PICTURES, QR, SAYS, page, says
from tests.services.certificates.examples import COMMITTEE, NOW

TEMPLATES = sorted({type.template for versions in catalogue().types.values() for type in versions} | {"certificate"})
LONG = "长" * 118 + "。"


def drawn(of: Page, template: str = "residence") -> bytes:
    return render(of, PICTURES, template, NOW)


def texts(pdf: bytes) -> list[str]:
    """Of each page, without spaces and line breaks."""
    return ["".join(one.get_textpage().get_text_bounded().split()) for one in pypdfium2.PdfDocument(BytesIO(pdf))]


def test_the_same_page_is_the_same_bytes() -> None:
    first = drawn(page())
    assert drawn(page(says(purpose="employment"))) != first
    assert drawn(page()) == first


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_of_the_catalogue_says_all_there_is_to_say(template: str) -> None:
    [text] = texts(drawn(page(), template))
    for said in ("居住证明", "张三", "130123198503120019", "3排12号", "2021年9月1日", "子女入学", COMMITTEE):
        assert said in text
    for said in ("2023年12月24日起至2024年6月24日止", SAYS.identifier, SAYS.number, "审核人"):
        assert said in text


def test_an_unknown_template_is_a_fault_of_the_catalogue() -> None:
    with pytest.raises(Misconfigured, match="no_such_template"):
        drawn(page(), "no_such_template")


@pytest.mark.parametrize(
    "typed",
    [
        '#eval("1+1")',
        "$x^2$",
        "*粗* _斜_ `码`",
        "\\\\ \\u{0}",
        '"]; #panic() //',
        "<b>&amp;</b>",
        "= 标题",
        "@cite",
        "[[",
        "#",
    ],
)
def test_what_is_typed_is_set_as_it_is_typed(typed: str) -> None:
    [text] = texts(drawn(page(says(residence_address=typed))))
    assert "".join(typed.split()) in text


def test_long_names_and_contents_break_lines_and_go_on_overleaf() -> None:
    content = {**SAYS.content, **{f"line_{n}": LONG for n in range(8)}}
    pages = texts(drawn(page(SAYS.model_copy(update={"holder_name": "名" * 60, "content": content}))))
    assert len(pages) == 2
    assert "名" * 60 in pages[0]
    assert "".join(pages).count("长") == 8 * 118
    assert COMMITTEE in pages[1]
    assert [f"第{n}页，共2页" in text for n, text in enumerate(pages, 1)] == [True, True]


def test_optional_contents_left_empty_take_no_line() -> None:
    [text] = texts(drawn(page(SAYS.model_copy(update={"content": {**SAYS.content, "purpose_detail": ""}}))))
    assert "用途说明" not in text


def test_a_certificate_without_end_and_one_that_replaces_another_say_so() -> None:
    changed: dict[str, Any] = {"valid_to": None, "replaces_identifier": SAYS.identifier}
    [text] = texts(drawn(page(SAYS.model_copy(update=changed))))
    assert "2023年12月24日起长期有效" in text
    assert "本证照替代原证照" in text


def test_its_qr_code_is_read_from_the_picture_of_the_page() -> None:
    picture = pypdfium2.PdfDocument(BytesIO(drawn(page())))[0].render(scale=2, grayscale=True)
    found = zxingcpp.read_barcode(memoryview(picture.buffer).cast("B", shape=[picture.height, picture.stride]))
    assert found is not None
    assert found.text == QR
