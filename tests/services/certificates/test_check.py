"""Checking at the public door: by identifier, by QR code, by file; for programs and on the page."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.certificates.checking.evidence import Evidence, read
from services.certificates.checking.online import check
from services.certificates.credential.certificate import credential_of
from services.certificates.credential.jws import compact, encode, peek, signing_input
from services.certificates.credential.qr import qr_text, statement_in
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.standards.licence_number import LicenceNumber
from shared.standards.shanghai import day_in_shanghai
from tests.services.certificates.examples import COMMITTEE
from tests.services.certificates.issued import CONTENT, DAY, NOW, SECRETS, append, happened, issue, issuer
from tests.services.certificates.office import Office, fields, problem

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def statement(office: Office, issued: CertificateIssued) -> str:
    return statement_in(await qr_text(issuer(office.department), issued))


async def asked(office: Office, code: str) -> dict[str, str]:
    answer = await (await office.anyone()).get("/check", params={"c": code})
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


async def handed_in(office: Office, content: bytes | str, name: str = "file") -> httpx.Response:
    return await (await office.anyone()).post("/check", files={"file": (name, content)})


def told_nothing(answer: dict[str, str]) -> bool:
    return all(answer[name] is None for name in ("holder", "issuing_body", "certificate_type", "valid_to"))


async def test_a_scanned_code_is_checked_and_tells_what_was_issued(office: Office) -> None:
    issued = await issue(office.department)
    told = await asked(office, await statement(office, issued))
    assert (told["status"], told["kind"], told["identifier"]) == ("valid", "qr", issued.identifier)
    assert (told["holder"], told["issuing_body"], told["issued_on"]) == ("张*", COMMITTEE, DAY.isoformat())
    assert not any(secret in str(told) for secret in SECRETS)


async def test_a_forged_code_is_told_from_one_of_an_unknown_issuer(office: Office) -> None:
    issued = await issue(office.department)
    true = await statement(office, issued)
    header, claims, _ = true.split(".")
    longer = peek(true) | {"u": "2099-12-31"}
    [kid] = [key["kid"] for key in (await issuer(office.department).jwks(NOW))["keys"]]
    thief = Ed25519PrivateKey.generate()
    for kid_named, code in ((kid, "forged"), ("another", "unknown_issuer")):
        words = signing_input("tb-qr", kid_named, longer)
        told = await asked(office, compact(words, thief.sign(words.encode())))
        assert (told["status"], told_nothing(told)) == (code, True)
    told = await asked(office, ".".join([header, claims, encode(b"\0" * 64)]))
    assert told["status"] == "forged"


async def test_one_kind_of_statement_does_not_pass_for_another(office: Office) -> None:
    """All are signed by the same key."""
    issued = await issue(office.department)
    credential = await credential_of(issuer(office.department), issued)
    assert (await asked(office, credential.partition("~")[0]))["status"] == "malformed"
    assert (await handed_in(office, await statement(office, issued) + "~")).json()["status"] == "malformed"


@pytest.mark.parametrize(
    ("life", "status"),
    [
        (["suspended"], "suspended"),
        (["suspended", "reinstated"], "valid"),
        (["revoked"], "revoked"),
        (["superseded"], "superseded"),
    ],
)
async def test_what_happened_to_it_later_is_told_with_its_day(office: Office, life: Sequence[str], status: str) -> None:
    issued = await issue(office.department)
    events: list[Event] = [happened(issued)[one] for one in life]
    await append(office.department, issued.certificate, *events)
    anyone = await office.anyone()
    by_identifier = (await anyone.get(f"/check/{issued.identifier}")).json()
    by_code = await asked(office, await statement(office, issued))
    by_file = (await handed_in(office, await credential_of(issuer(office.department), issued))).json()
    assert [told["status"] for told in (by_identifier, by_code, by_file)] == [status] * 3
    if status != "valid":
        assert by_code["since"].startswith(NOW.isoformat()[:19])
        assert str(day_in_shanghai(NOW)) in by_code["message"]
    if status == "superseded":
        assert by_code["superseded_by"] == happened(issued)["superseded"].model_dump()["by_identifier"]
        assert by_code["superseded_by"] in by_code["message"]
    [listed] = (await (await office.citizen()).get("/certificates")).json()["certificates"]
    assert listed["status"] == status
    shown = (await (await office.citizen()).get(f"/certificates/{issued.certificate}")).json()
    assert shown["status"] == status


async def test_a_certificate_before_its_first_day_is_not_valid_yet(office: Office) -> None:
    issued = await issue(office.department, valid_from=DAY + timedelta(days=30))
    assert (await asked(office, await statement(office, issued)))["status"] == "not_yet_valid"


async def test_a_credential_is_checked_whole_or_in_part(office: Office) -> None:
    issued = await issue(office.department)
    for disclose in (None, ["holder_name"], []):
        text = await credential_of(issuer(office.department), issued, disclose)
        told = (await handed_in(office, text)).json()
        assert (told["status"], told["kind"], told["holder"]) == ("valid", "credential", "张*")


async def test_an_altered_credential_is_told_as_such(office: Office) -> None:
    issued = await issue(office.department)
    text = await credential_of(issuer(office.department), issued)
    jws, first, *others = text.split("~")
    added = encode('["salt","holder_name","李四"]'.encode())
    for altered in ("~".join([jws, added, ""]), "~".join([jws, first, first, *others])):
        told = (await handed_in(office, altered)).json()
        assert (told["status"], told_nothing(told)) == ("altered", True)


async def test_another_document_than_was_issued_is_altered_though_the_seal_is_right(office: Office) -> None:
    """Such as one that was sealed and then not issued."""
    kept = "ab" * 32
    issued = await issue(office.department, document=kept)
    pool, shown = office.department.engine.pool, Evidence("document", identifier=issued.identifier, sha256=kept)
    assert (await check(pool, shown, DAY)).verdict.code == "valid"
    assert (await check(pool, replace(shown, sha256="cd" * 32), DAY)).verdict.code == "altered"


async def test_a_signed_statement_about_what_is_not_here_is_unknown(office: Office) -> None:
    """Such as after a backup was restored."""
    issued = await issue(office.department)
    never = issued.model_copy(update={"identifier": str(LicenceNumber.parse(issued.identifier).next_version())})
    told = await asked(office, await statement(office, never))
    assert (told["status"], told_nothing(told)) == ("unknown", True)


async def test_a_code_that_is_none_is_malformed(office: Office) -> None:
    for code in ("x", "a.b.c", "....", "eyJ.eyJ.AAA", "é", "%00", "A" * 4000):
        assert (await asked(office, code))["status"] == "malformed"


async def test_a_file_that_is_not_what_we_issue_is_named(office: Office) -> None:
    """Whatever it is called: a letter, bytes, a zip, a picture, words, tildes; and a PDF of somebody else's."""
    others = (b"x", b"\x00\xff", b"PK\x03\x04", b"\x89PNG", "张三".encode(), b"~~~", b"1.2.3.4")
    for content, code in (*((other, "malformed") for other in others), (b"%PDF-1.7\nx", "unknown_issuer")):
        answer = await handed_in(office, content, "certificate.pdf")
        assert answer.status_code == 200
        assert (answer.json()["status"], told_nothing(answer.json())) == (code, True)


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reading(content: bytes) -> None:
    assert read(content, {}, []).flaw is not None


async def test_a_file_beyond_the_limit_is_refused_by_name(office: Office) -> None:
    answer = await handed_in(office, b"0" * 20 * 1024 * 1024)
    assert problem(answer) == (413, "body_too_large")


async def test_nothing_to_check_is_named(office: Office) -> None:
    anyone = await office.anyone()
    answer = await anyone.get("/check")
    assert (problem(answer), fields(answer)) == ((422, "nothing_to_check"), {"c"})
    answer = await handed_in(office, b"")
    assert (problem(answer), fields(answer)) == ((422, "nothing_to_check"), {"file"})
    answer = await anyone.post("/check", files={"other": b"x"})
    assert (answer.status_code, fields(answer)) == (422, {"file"})


async def page(office: Office, language: str = "zh-CN", **query: str) -> httpx.Response:
    answer = await (await office.anyone(language)).get("/check", params=query, headers=BROWSER)
    assert answer.headers["content-type"].startswith("text/html")
    return answer


async def test_a_browser_gets_the_page_in_chinese_first_and_in_english_on_request(office: Office) -> None:
    first = (await page(office)).text
    assert '<html lang="zh-CN">' in first
    assert "电子证照核验" in first
    assert 'href="?lang=en"' in first
    other = (await page(office, lang="en")).text
    assert '<html lang="en">' in other
    assert "Check an electronic certificate" in other


async def test_the_page_loads_nothing_and_runs_nothing(office: Office) -> None:
    answer = await page(office)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"<script|<link|<img|\son\w+=|\sstyle=", answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("language", "title", "body"), [("zh-CN", "已撤销", "签发机构"), ("en", "Revoked", "Issued by")]
)
async def test_the_page_says_the_verdict_large_and_no_more_than_is_needed(
    office: Office, language: str, title: str, body: str
) -> None:
    issued = await issue(office.department)
    await append(office.department, issued.certificate, happened(issued)["revoked"])
    code = await statement(office, issued)
    shown = (await page(office, language, c=code)).text
    assert f'<h2 id="verdict">{title}</h2>' in shown
    assert body in shown and "张*" in shown and COMMITTEE in shown
    assert not any(secret in shown for secret in (*SECRETS, *CONTENT.values()) if secret != COMMITTEE)
    assert f"c={code}&amp;lang=" in shown  # the other language keeps what was asked


async def test_the_pages_forms_work_without_scripts(office: Office) -> None:
    issued = await issue(office.department)
    by_form = await page(office, identifier=issued.identifier, lang="zh-CN")
    assert "真实有效" in by_form.text
    anyone = await office.anyone("zh-CN")
    code = await qr_text(issuer(office.department), issued)
    by_upload = await anyone.post("/check?lang=en", files={"file": ("qr.txt", code)}, headers=BROWSER)
    assert '<h2 id="verdict">Valid</h2>' in by_upload.text
    by_address = await anyone.get(f"/check/{issued.identifier}", headers=BROWSER)
    assert 'action="../check"' in by_address.text


async def test_what_is_asked_comes_back_as_text_not_as_markup(office: Office) -> None:
    shown = (await page(office, identifier='"><b>x', lang="zh-CN")).text
    assert "<b>" not in shown
    assert "无法识别" in shown


@pytest.mark.parametrize("charset", ["nope", "utf-8", "hex"])
async def test_a_part_that_cannot_be_decoded_is_told(office: Office, charset: str) -> None:
    head = f'--B\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n'
    content, form = head.encode() + b"\xff\r\n--B--\r\n", {"content-type": "multipart/form-data; boundary=B"}
    answer = await (await office.anyone()).post("/check", content=content, headers=form)
    assert problem(answer) == (400, "part_undecodable")
