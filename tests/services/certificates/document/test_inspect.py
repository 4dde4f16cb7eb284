"""Looking into a PDF: any altered byte is found, and whatever comes gets a verdict."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.certificates.document.finding import PdfFinding
from services.certificates.document.inspect import LARGEST, inspect_pdf
from shared.contracts.errors import Misconfigured
from tests.services.certificates.document.paper import SAYS, TEN_YEARS, Keys, made, root
from tests.services.certificates.examples import COMMITTEE, NOW


@pytest.fixture(scope="module")
async def pdf() -> bytes:
    return (await made()).pdf


@pytest.fixture(scope="module")
async def roots() -> list[str]:
    return [await root(Keys())]


def verdict(content: bytes, roots: Sequence[str]) -> str:
    return inspect_pdf(content, roots).verdict


async def test_one_of_ours_is_intact_and_tells_who_signed_it(roots: list[str]) -> None:
    document = await made()
    found = inspect_pdf(document.pdf, roots)
    assert (found.verdict, found.sha256, found.identifier) == ("intact", document.sealed.document, SAYS.identifier)
    assert found.reviewer is not None
    assert found.seal is not None
    assert (found.reviewer.name, found.reviewer.at) == ("审有民", NOW)
    assert (found.seal.name, found.seal.at) == (COMMITTEE, NOW)
    assert found.seal.certificate.startswith("-----BEGIN CERTIFICATE-----")


def test_who_trusts_nobody_or_somebody_else_knows_no_issuer(pdf: bytes) -> None:
    assert verdict(pdf, []) == "unknown_issuer"


async def test_a_forger_with_an_authority_of_his_own_is_unknown(pdf: bytes, roots: list[str]) -> None:
    forged = (await made(authority="forger")).pdf
    assert verdict(forged, roots) == "unknown_issuer"
    assert verdict(forged, [*roots, await root(Keys(), "forger")]) == "intact"


@pytest.mark.parametrize("outside", [NOW - timedelta(seconds=1), TEN_YEARS.end + timedelta(seconds=1)])
async def test_a_signature_outside_its_certificates_time_is_nobodys(outside: object, roots: list[str]) -> None:
    assert verdict((await made(at=outside)).pdf, roots) == "unknown_issuer"  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_altered_bit_anywhere_is_found(pdf: bytes, roots: list[str], where: float, bit: int) -> None:
    altered = bytearray(pdf)
    altered[int(where * len(pdf))] ^= 1 << bit
    assert verdict(bytes(altered), roots) == "altered"


def test_one_altered_bit_of_the_seal_itself_is_found(pdf: bytes, roots: list[str]) -> None:
    """The only bytes that no signature covers: those of the last one, and the room it leaves."""
    begin, end = pdf.rindex(b"/Contents <"), pdf.rindex(b"/ByteRange")
    begin, end = min(begin, end), max(begin, pdf.index(b">", pdf.rindex(b"/Contents <")))
    chance = Random(36904)
    for place in {*range(begin, begin + 60), *range(end - 20, end + 2), *chance.sample(range(begin, end), 150)}:
        altered = bytearray(pdf)
        altered[place] ^= 1 << chance.randrange(8)
        assert verdict(bytes(altered), roots) == "altered", place


@pytest.mark.parametrize("more", [b"\n", b"%%EOF\n", b"\n1 0 obj\n<</Type/Catalog>>\nendobj\n"])
def test_appended_bytes_are_found(pdf: bytes, roots: list[str], more: bytes) -> None:
    assert verdict(pdf + more, roots) == "altered"
    assert verdict(more + pdf, roots) == "altered"


async def test_a_document_without_its_seal_is_altered(pdf: bytes, roots: list[str]) -> None:
    end_of_page = pdf.index(b"%%EOF")
    signed_only = pdf[: pdf.index(b"%%EOF", end_of_page + 1) + 6]
    assert b"/Seal" not in signed_only
    assert verdict(signed_only, roots) == "altered"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 60_000), st.integers(0, 60_000))
def test_whatever_comes_gets_a_verdict(pdf: bytes, roots: list[str], noise: bytes, begin: int, end: int) -> None:
    assert verdict(noise, roots) == "not_ours"
    mixed = pdf[:begin] + noise + pdf[end:]
    found = inspect_pdf(mixed, roots)
    assert isinstance(found, PdfFinding)
    assert found.verdict in ("altered", "not_ours") or mixed == pdf


def test_a_file_too_large_is_not_looked_into(pdf: bytes, roots: list[str]) -> None:
    assert verdict(pdf + bytes(LARGEST), roots) == "too_large"


def test_a_root_that_is_none_is_a_fault_of_the_settings(pdf: bytes) -> None:
    with pytest.raises(Misconfigured):
        inspect_pdf(pdf, ["no certificate"])
