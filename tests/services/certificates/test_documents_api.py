"""Approval to document over HTTP: what is made, who may have it, and when nothing is made."""

import asyncio
from base64 import b64decode
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.certificates.certification import LocalAuthority
from services.certificates.document.inspect import inspect_pdf
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_commands import ResumeSeal, StopSeal
from services.certificates.issuing import Issuing
from services.certificates.keys import keys_of
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import CertificateIssued
from shared.department.key_store import verify_sm2
from shared.eventstore.aggregate import Context
from tests.department import Department
from tests.services.certificates.examples import COMMITTEE, CREDIT_CODE, LI, NOW, REVIEWER, ZHANG, registered
from tests.services.certificates.issued import issue
from tests.services.certificates.office import Office, apply, fields, problem
from tests.services.certificates.sealed import KEEPER, OWNERS, give_seals, put_in_use
from tests.services.certificates.test_issuing import another, approved

RARE = "张𠮷"


async def issued(office: Office) -> tuple[httpx.AsyncClient, str]:
    """Its holder, and the certificate."""
    citizen, reviewer = await office.citizen(), await office.reviewer()
    answer = await reviewer.post(f"/applications/{await apply(citizen)}/approve")
    assert answer.status_code == 200, answer.text
    return citizen, answer.json()["certificate"]


async def kinds(department: Department) -> set[str]:
    """Of events, beside those of seals."""
    rows = await department.engine.pool.fetch("select distinct type from events")
    return {row["type"].removeprefix("certificates.") for row in rows}


async def root_of(department: Department) -> str:
    settings = department.settings
    assert isinstance(settings, CertificatesSettings)
    return await LocalAuthority(department.engine.store, keys_of(department.engine.pool, settings)).root(NOW)


async def stop_the_villages_seal(department: Department, seal: UUID) -> None:
    command = StopSeal("印章管理员离任", KEEPER, NOW)
    await department.engine.store.execute(SEAL.stream(seal), SEAL, command, Context())


async def test_the_holder_has_the_document_and_whoever_has_the_root_finds_it_intact(office: Office) -> None:
    citizen, certificate = await issued(office)
    answer = await citizen.get(f"/certificates/{certificate}/document")
    assert answer.headers["content-type"] == "application/pdf"
    assert "filename*=UTF-8''%E5%B1%85%E4%BD%8F%E8%AF%81%E6%98%8E_" in answer.headers["content-disposition"]
    found = inspect_pdf(answer.content, [await root_of(office.department)])
    assert found.verdict == "intact"
    assert (found.reviewer and found.reviewer.name, found.seal and found.seal.name) == ("审有民", COMMITTEE)
    event = await event_of(office.department, certificate)
    assert (found.sha256, found.identifier) == (event.document, event.identifier)
    assert event.status_list is not None


async def event_of(department: Department, certificate: str) -> CertificateIssued:
    """As it was issued; one of 2023 has expired by now, and the leader's timer may have said so."""
    loaded = await department.engine.store.load(CERTIFICATE.stream(certificate), CERTIFICATE)
    (issued,) = [event.data for event in loaded.events if isinstance(event.data, CertificateIssued)]
    return issued


async def test_its_sm2_seal_stands_beside_it(office: Office) -> None:
    citizen, certificate = await issued(office)
    document = (await citizen.get(f"/certificates/{certificate}/document")).content
    seal = (await citizen.get(f"/certificates/{certificate}/sm2-seal")).json()
    assert (seal["algorithm"], len(seal["digest_sm3"])) == ("SM2-with-SM3", 64)
    assert verify_sm2(seal["public_key"], b64decode(seal["signature"]), document)


async def test_nobody_else_has_it(office: Office) -> None:
    _, certificate = await issued(office)
    stranger, anyone = await office.citizen(LI), await office.anyone()
    for what in ("document", "sm2-seal"):
        assert problem(await stranger.get(f"/certificates/{certificate}/{what}")) == (404, "no_such_certificate")
        assert problem(await stranger.get(f"/certificates/{uuid4()}/{what}")) == (404, "no_such_certificate")
        assert (await anyone.get(f"/certificates/{certificate}/{what}")).status_code == 401


async def test_one_issued_before_there_were_documents_says_so(office: Office) -> None:
    old = await issue(office.department)
    citizen = await office.citizen()
    assert (await citizen.get(f"/certificates/{old.certificate}")).status_code == 200
    for what in ("document", "sm2-seal"):
        assert problem(await citizen.get(f"/certificates/{old.certificate}/{what}")) == (404, "no_document")


async def apply_before(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """An application with a name that cannot be drawn, as an earlier release took it."""
    await office.department.give(f"person-{ZHANG}", registered(ZHANG, name=RARE))
    with monkeypatch.context() as earlier:
        earlier.setattr("shared.forms.fields.require_drawable", lambda _: None)
        return await apply(await office.citizen())


async def test_a_name_that_cannot_be_drawn_is_refused_to_the_reviewer_and_nothing_is_signed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = await apply_before(office, monkeypatch)
    citizen, reviewer = await office.citizen(), await office.reviewer()
    answer = await reviewer.post(f"/applications/{application}/approve")
    assert problem(answer) == (422, "missing_glyph")
    assert fields(answer) == {"name"}
    assert "U+20BB7" in answer.json()["detail"]
    assert (await citizen.get(f"/applications/{application}")).json()["status"] == "in_review"
    assert not {"ApplicationApproved", "SealUsed", "SerialClaimed", "CertificateIssued"} & await kinds(
        office.department
    )


@pytest.mark.parametrize("without", ["seal", "signature"])
async def test_without_seal_or_signature_an_approval_is_refused_and_not_stored(office: Office, without: str) -> None:
    await give_seals(office.department, [owner for owner in OWNERS if owner.kind != without])
    citizen, reviewer = await office.citizen(), await office.reviewer(has_seals=False)
    application = await apply(citizen)
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, f"no_{without}")
    assert "ApplicationApproved" not in await kinds(office.department)


async def test_a_stopped_or_expired_seal_signs_nothing(office: Office) -> None:
    seals = await give_seals(office.department, [owner for owner in OWNERS if owner.code != CREDIT_CODE])
    village = next(owner for owner in OWNERS if owner.code == CREDIT_CODE)
    citizen, reviewer = await office.citizen(), await office.reviewer(has_seals=False)
    application = await apply(citizen)
    seal = await put_in_use(office.department, village, years=1)  # from 2023 on
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, "seal_expired")
    await stop_the_villages_seal(office.department, seal)
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, "seal_stopped")
    assert seal not in seals.values()
    assert "ApplicationApproved" not in await kinds(office.department)


async def test_a_batch_tells_of_each_why_it_cannot_be_issued(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rare, other = await apply_before(office, monkeypatch), await apply(await office.citizen(LI))
    decisions = [{"application": one, "decision": "approve"} for one in (rare, other)]
    answer = await (await office.reviewer()).post("/review-queue/decide", json={"decisions": decisions})
    outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
    assert [(one["status"], one["code"]) for one in outcomes] == [(422, "missing_glyph"), (200, None)]


async def test_a_seal_stopped_after_the_approval_keeps_the_sweep_waiting_until_it_is_resumed(office: Office) -> None:
    """And then there is one certificate with one document, however many try."""
    department = office.department
    seals = await give_seals(department)
    application = await approved(department)
    await stop_the_villages_seal(department, seals[CREDIT_CODE])
    processes: list[Issuing] = [another(department) for _ in range(3)]
    assert await processes[0].issue_now(application, NOW) is None
    assert not {"SealUsed", "CertificateIssued"} & await kinds(department)
    resume = ResumeSeal(KEEPER, NOW)
    await department.engine.store.execute(SEAL.stream(seals[CREDIT_CODE]), SEAL, resume, Context())
    await asyncio.gather(*(one.issue_now(application, NOW) for one in processes for _ in range(2)))
    event = await event_of(department, str(certificate_of(application)))
    pool = department.engine.pool
    assert await pool.fetchval("select count(*) from events where type = 'certificates.CertificateIssued'") == 1
    assert await pool.fetchval("select count(*) from events where type = 'certificates.SealUsed'") == 2
    assert event.reviewer == REVIEWER.id
    document = await pool.fetchval("select content from files where media = 'application/pdf'")
    assert inspect_pdf(document, [await root_of(department)]).sha256 == event.document
