"""How much a PDF holds is counted before anybody reads it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.inspection import pdf
from shared.inspection.limits import ISSUED_PDF, UPLOADED_PDF
from shared.inspection.outcome import BeyondLimits
from tests.doors import hostile_pdf as hostile


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (hostile.nested_arrays, "depth"),
        (hostile.nested_dictionaries, "depth"),
        (hostile.with_many_streams, "objects"),
        (hostile.many_tables, "objects"),
        (lambda: hostile.many_signature_dictionaries(10), "signatures"),
        (lambda: hostile.inflating_table(1), "objects"),
        (lambda: hostile.inflating_table(100, b"/S#69ze"), "decoded"),
        (hostile.with_picture, "pixels"),
        (hostile.with_pages, "pages"),
    ],
)
def test_what_holds_too_much_is_named(content: Callable[[], bytes], cause: str) -> None:
    with pytest.raises(BeyondLimits) as beyond:
        pdf.check(content(), ISSUED_PDF)
    assert beyond.value.cause == cause


def test_pages_in_an_object_stream_count_too() -> None:
    with pytest.raises(BeyondLimits):
        pdf.check(hostile.object_stream(b"/Type/Page " * 11, 1), ISSUED_PDF)


def test_a_scan_of_many_pages_is_taken() -> None:
    picture = hostile.with_stream(b"/Subtype/Image/Width 2480/Height 3508", hostile.deflated_zeros(26))
    scan = hostile.with_table([hostile.PAGE, picture] * 15)
    pdf.check(scan, UPLOADED_PDF)
    with pytest.raises(BeyondLimits):
        pdf.check(scan, replace(UPLOADED_PDF, decoded=26 * 14 * 1024 * 1024))


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b" \r\n", b"\0" * 1000])
def test_a_pdf_is_one_whatever_stands_before_its_header(before: bytes) -> None:
    assert pdf.is_pdf(before + b"%PDF-1.7")
    assert not pdf.is_pdf(bytes(1024) + before + b"%PDF-1.7")
