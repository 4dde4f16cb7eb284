"""Reviewer and seal on the PDF, checked by two implementations that are not ours: pyHanko's validator and poppler's."""

import subprocess
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from shutil import which

import pytest
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from services.certificates.document.hands import REVIEWER, SEAL
from services.certificates.document.making import make_document
from shared.contracts.errors import Refused
from shared.department.key_store import verify_sm2
from tests.services.certificates.document.paper import QR, SAYS, Keys, hands, made, root
from tests.services.certificates.examples import COMMITTEE, NOW, RESIDENCE


async def test_the_same_certificate_and_hands_are_the_same_bytes() -> None:
    first = await made()
    assert f"D:{datetime.now(UTC):%Y%m}".encode() not in first.pdf.replace(b"\\072", b":")  # when it was made
    assert await made() == first
    assert (await made(at=NOW + timedelta(seconds=1))).sealed.document != first.sealed.document


async def test_both_signatures_are_valid_and_the_seal_covers_the_reviewers() -> None:
    pdf = (await made()).pdf
    [trusted] = load_certs_from_pemder_data((await root(Keys())).encode())
    reviewer, seal = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    context = ValidationContext(trust_roots=[trusted], moment=NOW, allow_fetching=False)
    states = [await async_validate_pdf_signature(one, context) for one in (reviewer, seal)]
    assert all(state.bottom_line for state in states)
    assert [state.coverage for state in states] == [
        SignatureCoverageLevel.ENTIRE_REVISION,
        SignatureCoverageLevel.ENTIRE_FILE,
    ]
    assert [state.signing_cert.subject.native["common_name"] for state in states] == ["审有民", COMMITTEE]
    assert [one.sig_object["/Reason"] for one in (reviewer, seal)] == [REVIEWER.reason, SEAL.reason]
    assert [one.self_reported_timestamp for one in (reviewer, seal)] == [NOW, NOW]
    assert [one.sig_object["/SubFilter"] for one in (reviewer, seal)] == ["/ETSI.CAdES.detached"] * 2
    _, _, start, length = reviewer.byte_range
    assert start + length < seal.byte_range[1]  # his revision lies within what the seal covers


async def test_pdfsig_says_valid_and_names_reviewer_and_village(tmp_path: Path) -> None:
    if which("pdfsig") is None:
        pytest.skip("pdfsig (poppler-utils) is not installed; pyHanko's validator has looked at the same document")
    file = tmp_path / "certificate.pdf"
    file.write_bytes((await made()).pdf)
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 2
    assert said.index("Common Name: 审有民") < said.index(f"Common Name: {COMMITTEE}")
    assert said.count("Total document signed") == 1
    assert said.count("ETSI.CAdES.detached") == 2


async def test_the_sm2_seal_is_over_all_bytes() -> None:
    document = await made()
    key = (await hands(Keys())).seal.sm2_public_key
    signature = b64decode(document.sealed.sm2_seal)
    assert verify_sm2(key, signature, document.pdf)
    assert not verify_sm2(key, signature, document.pdf + b"\n")


async def test_the_private_keys_of_a_page_that_cannot_be_drawn_are_not_used() -> None:
    class Untouched(Keys):
        async def sign(self, name: str, words: bytes) -> bytes:
            raise AssertionError("signed")

    issued = SAYS.model_copy(update={"holder_name": "𠮷"})
    signers = await hands(Keys())
    with pytest.raises(Refused, match="missing_glyph"):
        await make_document(issued, RESIDENCE, signers, Untouched(), QR)
