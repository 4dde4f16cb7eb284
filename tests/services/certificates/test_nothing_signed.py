"""What is refused at the door leaves no signature behind. Papers, minors and documents are tried beside their own."""

from uuid import UUID

import pytest

from services.certificates.domain.seal_commands import Owner
from shared.contracts.identity import Role
from tests.services.certificates.examples import OTHER_VILLAGE, REVIEWER, VILLAGE
from tests.services.certificates.office import Office, apply, problem
from tests.services.certificates.sealed import OWNERS, give_seals, put_in_use
from tests.services.certificates.test_api_reviewing import COUNTY, OF_POLICE, submitted

AT_COUNTY = UUID("0192c000-0000-7000-8000-000000000021")


async def nothing_is_signed(office: Office) -> bool:
    rows = await office.department.engine.pool.fetch("select distinct type from events")
    signed = {f"certificates.{name}" for name in ("ApplicationApproved", "SealUsed", "CertificateIssued")}
    return not signed & {row["type"] for row in rows}


async def test_a_village_does_not_issue_a_certificate_of_the_police(office: Office) -> None:
    """Neither its own reviewer nor those above him; the police's does, elsewhere."""
    application = await submitted(office, *OF_POLICE)
    for reviewer in (
        await office.reviewer(VILLAGE),
        await office.reviewer(COUNTY, AT_COUNTY),
        await office.reviewer(COUNTY, AT_COUNTY, role=Role.leader),
    ):
        assert problem(await reviewer.post(f"/applications/{application}/approve")) == (404, "no_such_application")
    assert await nothing_is_signed(office)


async def test_a_village_is_not_asked_for_a_certificate_of_the_police(office: Office) -> None:
    citizen = await office.citizen()
    body = {"type": "no_criminal_record", "form": {"county": VILLAGE, "purpose": "employment"}}
    assert problem(await citizen.post("/applications", json=body)) == (409, "not_issued_here")
    assert (await citizen.get("/applications")).json()["applications"] == []
    assert await nothing_is_signed(office)


@pytest.mark.parametrize(("code", "because"), [("kinship", "not_needed"), ("dog_keeping", "not_issued_here")])
async def test_an_application_for_an_abolished_proof_is_refused_and_says_what_to_do(
    office: Office, code: str, because: str
) -> None:
    citizen = await office.citizen()
    answer = await citizen.post("/applications", json={"type": code, "form": {}})
    assert problem(answer) == (409, because)
    assert "民发〔2020〕20号" in answer.json()["detail"]
    assert (await citizen.get("/applications")).json()["applications"] == []
    assert await nothing_is_signed(office)


async def test_the_seal_of_another_village_signs_nothing(office: Office) -> None:
    """A reviewer whose signature is another village's approves: his hand and this village's seal do not go together."""
    await give_seals(office.department, [owner for owner in OWNERS if owner.kind == "seal"])
    await put_in_use(office.department, Owner("signature", "审有民", str(REVIEWER.id), OTHER_VILLAGE))
    citizen, reviewer = await office.citizen(), await office.reviewer(has_seals=False)
    application = await apply(citizen)
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, "seal_of_another_body")
    assert (await citizen.get(f"/applications/{application}")).json()["status"] == "in_review"
    assert await nothing_is_signed(office)
