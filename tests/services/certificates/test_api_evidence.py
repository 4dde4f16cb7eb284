"""Evidence over HTTP: what is taken in, whose it is, and who sees it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from services.certificates.domain.dates import day_in_china
from services.certificates.domain.evidence_kind import LARGEST_FILE
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.certificates.examples import GIVEN, LI, OTHER_VILLAGE, TOWNSHIP, ZHANG
from tests.services.certificates.office import PDF, PNG, Office, bring, event_ids, fields, issue, problem, submission
from tests.services.certificates.test_catalogue import residence

INCOME = {
    "household_members": "3",
    "members": "张三，本人，130123198503120019",
    "income_per_head": "5200",
    "main_income": "farming",
    "assets": "无",
    "checked_by": "visit",
    "purpose": "student_aid",
}


def economic(**evidence: str) -> dict[str, Any]:
    return {"type": "family_economic_status", "form": INCOME, "evidence": evidence}


async def test_a_file_is_named_by_its_hash_and_honestly_not_scanned(office: Office) -> None:
    citizen = await office.citizen()
    answer = await citizen.post("/evidence", content=PDF, headers={"content-type": "application/pdf; charset=x"})
    assert answer.status_code == 201
    name = sha256(PDF).hexdigest()
    assert answer.json() == {"sha256": name, "media": "application/pdf", "size": len(PDF), "scan": "not_scanned"}
    again = await citizen.post("/evidence", content=PDF, headers={"content-type": "application/pdf"})
    assert (again.status_code, again.json()["sha256"], event_ids(again)) == (201, name, [])


@pytest.mark.parametrize(
    ("content", "media", "code"),
    [
        (PDF, "image/png", "not_what_it_says"),
        (PNG, "application/pdf", "not_what_it_says"),
        (b"MZ\x90\x00 a program", "image/jpeg", "not_what_it_says"),
        (b"<html></html>", "text/html", "media_not_taken"),
        (b"PK\x03\x04", "application/zip", "media_not_taken"),
        (b"", "application/pdf", "empty_file"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(
    office: Office, content: bytes, media: str, code: str
) -> None:
    citizen = await office.citizen()
    answer = await citizen.post("/evidence", content=content, headers={"content-type": media})
    assert problem(answer) == (422, code)
    assert fields(answer) == {"file"}
    assert await office.department.engine.pool.fetchval("select count(*) from files") == 0


async def test_of_a_file_of_20_megabytes_no_more_is_read_than_may_come(office: Office) -> None:
    citizen, sent = await office.citizen(), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield PDF
        for _ in range(20):
            sent += 1
            yield bytes(1024 * 1024)

    answer = await citizen.post("/evidence", content=endless(), headers={"content-type": "application/pdf"})
    assert problem(answer)[0] == 413
    assert sent <= LARGEST_FILE // (1024 * 1024) + 2
    announced = {"content-type": "application/pdf", "content-length": str(20 * 1024 * 1024)}
    assert problem(await citizen.post("/evidence", content=endless(), headers=announced))[0] == 413


async def test_the_largest_file_is_taken(office: Office) -> None:
    whole = PDF + bytes(LARGEST_FILE - len(PDF))
    assert await bring(await office.citizen(), whole) == sha256(whole).hexdigest()


async def test_all_that_is_wrong_is_told_at_once_papers_and_fields(office: Office) -> None:
    citizen = await office.citizen()
    body = economic(marriage="ab" * 32)
    body["form"] = {**INCOME, "income_per_head": "many", "main_income": "luck"}
    answer = await citizen.post("/applications", json=body)
    assert problem(answer) == (422, "form_incorrect")
    assert fields(answer) == {"income_per_head", "main_income", "evidence.income_statement", "evidence.marriage"}


async def test_an_application_shows_its_paper_to_its_citizen_and_its_reviewers(office: Office) -> None:
    citizen = await office.citizen()
    name = await bring(citizen)
    answer = await citizen.post("/applications", json=economic(income_statement=name))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["evidence"] == {"income_statement": name}
    place = f"/applications/{told['application']}/evidence"
    for who in (citizen, await office.reviewer(), await office.reviewer(TOWNSHIP, uuid4())):
        paper = await who.get(f"{place}/income_statement")
        assert (paper.status_code, paper.content, paper.headers["content-type"]) == (200, PDF, "application/pdf")
        assert paper.headers["content-disposition"] == "attachment"
    for stranger in (await office.citizen(LI), await office.reviewer(OTHER_VILLAGE, uuid4())):
        assert problem(await stranger.get(f"{place}/income_statement")) == (404, "no_such_application")
    assert problem(await citizen.get(f"{place}/marriage")) == (404, "no_such_evidence")


async def test_what_somebody_else_brought_cannot_be_named(office: Office) -> None:
    name = await bring(await office.citizen(LI))
    answer = await (await office.citizen(ZHANG)).post("/applications", json=economic(income_statement=name))
    assert fields(answer) == {"evidence.income_statement"}
    never = await (await office.citizen(ZHANG)).post("/applications", json=economic(income_statement="cd" * 32))
    assert fields(never) == {"evidence.income_statement"}
    assert never.json()["errors"] == answer.json()["errors"]  # whether others hold it is not told
    malformed = await (await office.citizen(ZHANG)).post("/applications", json=economic(income_statement="../x"))
    assert problem(malformed) == (422, "invalid")


async def test_a_paper_may_be_of_the_wrong_kind_or_too_large_for_its_type(office: Office) -> None:
    citizen = await office.citizen()
    body = {"type": "social_security_card", "form": {"bank": "icbc"}}
    for content, media in ((PDF, "application/pdf"), (PNG + bytes(1024 * 1024), "image/png")):
        photo = {"photo": await bring(citizen, content, media)}
        assert fields(await citizen.post("/applications", json={**body, "evidence": photo})) == {"evidence.photo"}
    right = {"photo": await bring(citizen, PNG, "image/png")}
    assert (await citizen.post("/applications", json={**body, "evidence": right})).status_code == 201


async def test_a_correction_keeps_the_papers_or_brings_new_ones(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    first = await bring(citizen)
    application = (await citizen.post("/applications", json=economic(income_statement=first))).json()["application"]
    marked = {"wrong_fields": {"income_per_head": "与声明不一致"}}
    await reviewer.post(f"/applications/{application}/send-back", json=marked)
    second = await bring(citizen, PNG, "image/png")
    change = {"form": {"income_per_head": "18000"}, "evidence": {"income_statement": second}}
    told = (await citizen.post(f"/applications/{application}/resubmit", json=change)).json()
    assert (told["status"], told["evidence"]) == ("in_review", {"income_statement": second})
    await reviewer.post(f"/applications/{application}/send-back", json=marked)
    kept = (await citizen.post(f"/applications/{application}/resubmit", json={"form": {}})).json()
    assert kept["evidence"] == {"income_statement": second}


async def test_what_a_certificate_of_ours_shows_need_not_be_brought(office: Office) -> None:
    """Here a lease, by who holds a household page; the form leaves it out, and so may the applicant."""
    lease = {**residence()["evidence"][0], "required": True, "instead_of_evidence": ["household_page"]}
    today = day_in_china(datetime.now(UTC))
    version = {**residence(), "version": 2, "in_force_from": today.isoformat(), "evidence": [lease]}
    editor = await office.reviewer(WHOLE_COUNTRY, role=Role.catalogue_editor)
    assert (await editor.post("/catalogue/residence/versions", json=version)).status_code == 201

    citizen, form = await office.citizen(), "/catalogue/residence/form"
    assert [paper["kind"] for paper in (await citizen.get(form)).json()["evidence"]] == ["lease"]
    assert fields(await citizen.post("/applications", json=submission())) == {"evidence.lease"}
    await issue(office, "household_page", valid_to=today - timedelta(days=1))
    assert fields(await citizen.post("/applications", json=submission())) == {"evidence.lease"}
    await issue(office, "household_page", valid_to=today)
    assert (await citizen.get(form)).json()["evidence"] == []
    assert (await citizen.post("/applications", json=submission())).status_code == 201


async def test_only_citizens_and_counters_bring_papers(office: Office) -> None:
    headers = {"content-type": "application/pdf"}
    operator = await office.at(Role.operator)
    assert problem(await operator.post("/evidence", content=PDF, headers=headers)) == (403, "role_needed")
    anyone = await office.anyone()
    assert problem(await anyone.post("/evidence", content=PDF, headers=headers)) == (401, "token_missing")
    assert (await (await office.at(Role.window)).post("/evidence", content=PDF, headers=headers)).status_code == 201


async def test_a_residence_application_may_come_without_its_optional_paper(office: Office) -> None:
    citizen = await office.citizen()
    lease = await bring(citizen)
    answer = await citizen.post("/applications", json={**submission(), "evidence": {"lease": lease}})
    assert (answer.status_code, answer.json()["evidence"]) == (201, {"lease": lease})
    assert GIVEN.items() <= answer.json()["form"].items()
