"""Papers at their longest and shortest, measured: nothing runs off or overprints, the seal stands with its text."""

from collections.abc import Callable

import pytest

from services.certificates.catalogue_files import catalogue
from services.certificates.document.page import page_of
from services.certificates.document.rendering import Pictures, render
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.images.handwriting import handwriting
from services.certificates.images.official_seal import official_seal
from shared.contracts.certificates import CertificateIssued
from tests.services.certificates.document.longest import LONGEST_BODY, longest, shortest
from tests.services.certificates.document.measure import Sheet, sheets
from tests.services.certificates.document.paper import QR
from tests.services.certificates.examples import NOW

TYPES = [type for versions in catalogue().types.values() for type in versions]
MARGIN = 24  # millimetres of a sheet's side that no text comes into
PICTURES = Pictures(handwriting("艾力·买买提"), official_seal(LONGEST_BODY))
Says = Callable[[CertificateType], CertificateIssued]

EVERY_TYPE = pytest.mark.parametrize("type", TYPES, ids=lambda type: f"{type.code}-{type.version}")
EVERY_LENGTH = pytest.mark.parametrize(
    "says",
    [longest, lambda type: longest(type, letter="W"), lambda type: longest(type, letter="\uff09"), shortest],
    ids=["longest", "no_blanks", "brackets", "shortest"],
)


def drawn(type: CertificateType, says: Says) -> list[Sheet]:
    page = page_of(says(type), type, reviewer="艾力·买买提", qr=QR)
    return sheets(render(page, PICTURES, type.template, NOW))


@EVERY_TYPE
@EVERY_LENGTH
def test_nothing_runs_off_its_sheet_or_overprints(type: CertificateType, says: Says) -> None:
    for sheet in drawn(type, says):
        assert sheet.outside(MARGIN) == []
        assert sheet.overprinted() == []


@EVERY_TYPE
@EVERY_LENGTH
def test_the_seal_lies_over_the_date_with_the_text(type: CertificateType, says: Says) -> None:
    last = drawn(type, says)[-1]
    date = last.line_with("2023年12月24日")
    [day] = [line for line in last.lines if "".join(line.text.split()) == "2023年12月24日"]
    assert any(ring.holds(day.middle) for ring in last.rings)
    assert "有效期" in last.text
    assert "扫码核验真伪、查询证照状态" in last.text
    assert date.bottom > day.top or date is day  # the sentence that certifies stands above, on the same sheet


@EVERY_TYPE
def test_every_sheet_of_several_says_which_it_is(type: CertificateType) -> None:
    found = drawn(type, longest)
    if len(found) > 1:
        for number, sheet in enumerate(found, 1):
            assert f"第{number}页\uff0c共{len(found)}页" in sheet.text


@EVERY_TYPE
def test_a_paper_that_stays_here_is_in_chinese_alone(type: CertificateType) -> None:
    says = shortest(type)
    assert type.name.en.upper() not in drawn(type, lambda _: says)[0].text.upper()


def test_a_paper_that_goes_abroad_is_in_english_too() -> None:
    type = catalogue().version("no_criminal_record", 2)
    says = shortest(type)
    abroad = says.model_copy(update={"content": {"purpose": "出国（境）"}})
    [sheet] = drawn(type, lambda _: abroad)
    assert "CERTIFICATEOFNOCRIMINALRECORD" in sheet.text
    assert "upto thedateofissue".replace(" ", "") in sheet.text
