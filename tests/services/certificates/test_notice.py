"""A refusal is a document of its own; the police's of no criminal record is for the applicant alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from services.certificates.catalogue_files import catalogue
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import Refused
from services.certificates.domain.seal_commands import Owner
from services.certificates.keys import keys_of
from services.certificates.noticing import Noticing
from services.certificates.settings import CertificatesSettings
from shared.contracts.identity import Role
from tests.department import Department
from tests.services.certificates.document.measure import sheets
from tests.services.certificates.examples import CHILD, CHILDS_NUMBER, COMMITTEE, COUNTY, LI, VILLAGE, ZHANG, registered
from tests.services.certificates.histories import guarded
from tests.services.certificates.office import Office, fields, problem
from tests.services.certificates.sealed import give_seals
from tests.until import until

POLICE = UUID("0192c000-0000-7000-8000-000000000021")
BODY = catalogue().issuers["police", COUNTY]
SEAL = Owner("seal", BODY.name, BODY.credit_code, BODY.division)
REASON = "查询结果不符合出具条件"


@pytest.fixture
async def office(department: Department) -> AsyncIterator[Office]:
    async with Office(department) as opened:
        await give_seals(department, [SEAL])
        yield opened


async def applied(citizen: httpx.AsyncClient, **body: Any) -> str:
    asked = {"type": "no_criminal_record", "form": {"purpose": "employment"}, **body}
    answer = await citizen.post("/applications", json=asked)
    assert answer.status_code == 201, answer.text
    application: str = answer.json()["application"]
    return application


async def police(office: Office, id: UUID = POLICE, **given: Any) -> httpx.AsyncClient:
    return await office.reviewer(COUNTY, id, role=Role.police_reviewer, **given)


async def refused(office: Office, reason: str = REASON) -> str:
    application = await applied(await office.citizen())
    answer = await (await police(office)).post(f"/applications/{application}/refuse", json={"reason": reason})
    assert answer.status_code == 200, answer.text
    return application


async def test_a_refusal_is_told_by_a_notice_signed_and_sealed_by_the_police(office: Office) -> None:
    application = await refused(office)
    citizen = await office.citizen()
    told = (await citizen.get(f"/applications/{application}")).json()
    assert told["refusal_notice"]["zh"] == "不予出具无犯罪记录证明通知书"
    assert (told["reason"], told["certificate"]) == (REASON, None)
    answer = await citizen.get(f"/applications/{application}/notice")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    signatures = PdfFileReader(BytesIO(answer.content)).embedded_signatures
    assert [one.field_name for one in signatures] == ["Reviewer", "Seal"]
    assert [one.signer_cert.subject.native["common_name"] for one in signatures] == ["同有事", BODY.name]


async def test_only_the_applicant_and_the_police_fetch_it(office: Office) -> None:
    application = await refused(office)
    assert (await (await police(office)).get(f"/applications/{application}/notice")).status_code == 200
    elsewhere = await office.reviewer("350300000000", uuid4(), role=Role.police_reviewer)
    for who in (
        await office.citizen(LI),
        await office.reviewer(VILLAGE),
        await office.reviewer(COUNTY, uuid4()),
        elsewhere,
    ):
        assert problem(await who.get(f"/applications/{application}/notice")) == (404, "no_such_application")
    leader = await office.reviewer(COUNTY, uuid4(), role=Role.leader)
    assert problem(await leader.get(f"/applications/{application}/notice")) == (404, "no_such_application")
    assert (await (await office.anyone()).get(f"/applications/{application}/notice")).status_code == 401


async def test_a_minors_guardian_fetches_it_while_he_is_guardian(office: Office) -> None:
    guardian, stranger = await office.citizen(), await office.citizen(LI)
    await office.department.give(f"person-{CHILD}", registered(CHILD, name="张小", id_number=CHILDS_NUMBER))
    await office.department.give(f"person-{CHILD}", guarded(CHILD, ZHANG))
    application = await applied(guardian, **{"for": {"name": "张小", "id_number": CHILDS_NUMBER}})
    path = f"/applications/{application}/notice"
    assert problem(await guardian.get(path)) == (404, "no_such_notice")
    reviewer = await police(office)
    await reviewer.post(f"/applications/{application}/refuse", json={"reason": REASON})
    fetched = await guardian.get(path)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    assert fetched.content == (await reviewer.get(path)).content
    assert fetched.content == (await (await office.citizen(CHILD)).get(path)).content
    signatures = PdfFileReader(BytesIO(fetched.content)).embedded_signatures
    assert [one.field_name for one in signatures] == ["Reviewer", "Seal"]
    assert problem(await stranger.get(path)) == (404, "no_such_application")
    await office.department.give(f"person-{CHILD}", guarded(CHILD, LI))
    assert problem(await guardian.get(path)) == (404, "no_such_application")
    assert (await stranger.get(path)).content == fetched.content


async def test_it_is_no_certificate(office: Office) -> None:
    """Nor does anything that leaves the department know of it."""
    application = await refused(office)
    citizen, anyone = await office.citizen(), await office.anyone()
    assert (await citizen.get("/certificates")).json()["certificates"] == []
    notice = (await citizen.get(f"/applications/{application}/notice")).content
    checked = (await anyone.post("/check", files={"file": ("notice.pdf", notice)})).json()
    assert (checked["status"], checked["holder"], checked["issuing_body"]) == ("unknown_issuer", None, None)
    pool = office.department.engine.pool
    published = await pool.fetch(
        "select e.type from log l join events e using (stream, version) where l.feed is not null"
    )
    assert not {row["type"] for row in published} & {"certificates.NoticeIssued", "certificates.SealUsed"}
    assert await pool.fetchval("select count(*) from events where type = 'certificates.NoticeIssued'") == 1


async def test_without_a_record_there_is_no_notice(office: Office) -> None:
    application = await applied(await office.citizen())
    answer = await (await police(office)).get(f"/applications/{application}/notice")
    assert problem(answer) == (404, "no_such_notice")


async def test_a_villages_refusal_names_the_township_and_no_court(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await refused_residence(citizen, reviewer)
    told = (await citizen.get(f"/applications/{application}")).json()
    assert told["refusal_notice"]["zh"] == "不予出具居住证明通知书"
    assert "乡镇人民政府（街道办事处）" in told["remedy"]["zh"]
    said = text_of((await citizen.get(f"/applications/{application}/notice")).content)
    for words in ("不予〔", "张三", "您于", "申请居住证明", "不在本村居住", "民发〔2020〕20号", "请求核实和协调"):
        assert words in said
    assert "行政复议" not in said
    assert "行政诉讼" not in said
    assert COMMITTEE in said


async def test_the_polices_refusal_names_reconsideration_and_suit_with_their_terms(office: Office) -> None:
    application = await refused(office)
    said = text_of((await (await office.citizen()).get(f"/applications/{application}/notice")).content)
    for words in ("六十日内依法申请行政复议", "六个月内依法向人民法院提起行政诉讼", "公安机关办理犯罪记录查询工作规定"):
        assert words in said
    assert "仅送达您本人" in said


async def test_a_village_without_its_seal_refuses_and_the_notice_follows(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer(has_seals=False)
    application = await refused_residence(citizen, reviewer)
    assert problem(await citizen.get(f"/applications/{application}/notice")) == (404, "no_such_notice")
    await office.reviewer()  # now there is a seal

    async def follows() -> bool:
        await noticing_of(office.department).sweep()  # or the leader is first
        return (await citizen.get(f"/applications/{application}/notice")).status_code == 200

    await until(follows, what="the notice is made")


async def refused_residence(citizen: httpx.AsyncClient, reviewer: httpx.AsyncClient) -> str:
    body = {"type": "residence", "form": {"purpose": "school_entry", "residence_since": "2021-09-01"}}
    application: str = (await citizen.post("/applications", json=body)).json()["application"]
    answer = await reviewer.post(f"/applications/{application}/refuse", json={"reason": "不在本村居住"})
    assert answer.status_code == 200, answer.text
    return application


def text_of(pdf: bytes) -> str:
    return "".join(sheet.text for sheet in sheets(pdf))


async def test_what_cannot_be_signed_or_printed_is_not_refused_yet(office: Office) -> None:
    """The reviewer is told what to do; the application stays with him."""
    application = await applied(await office.citizen())
    reviewer = await police(office)
    answer = await reviewer.post(f"/applications/{application}/refuse", json={"reason": "姓名为𠮷"})
    assert (problem(answer), fields(answer)) == ((422, "missing_glyph"), {"reason"})
    without = await police(office, uuid4(), has_seals=False)
    answer = await without.post(f"/applications/{application}/refuse", json={"reason": REASON})
    assert problem(answer) == (409, "no_signature")
    assert (await reviewer.get(f"/applications/{application}")).json()["status"] == "in_review"


async def test_a_notice_cut_short_is_made_by_the_sweep_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def killed(*_: object) -> None: ...

    with monkeypatch.context() as patched:
        patched.setattr(Noticing, "issue_now", killed)
        patched.setattr(Noticing, "sweep", killed)
        application = await refused(office)
        assert await made(office.department, application) == 0
    noticing = noticing_of(office.department)
    await noticing.sweep()
    await noticing.sweep()
    await noticing.issue(UUID(application), datetime.now(UTC))
    assert await made(office.department, application) == 1
    state = (await office.department.engine.store.load(APPLICATION.stream(UUID(application)), APPLICATION)).state
    assert isinstance(state, Refused) and state.has_notice


async def made(department: Department, application: str) -> int:
    count: int = await department.engine.pool.fetchval(
        "select count(*) from events where stream = $1 and type = 'certificates.NoticeIssued'",
        APPLICATION.stream(UUID(application)),
    )
    return count


def noticing_of(department: Department) -> Noticing:
    engine, settings = department.engine, department.settings
    assert isinstance(settings, CertificatesSettings)
    return Noticing(engine.store, engine.pool, catalogue(), keys_of(engine.pool, settings))
