"""An editor over HTTP: what he publishes holds at once, and what was begun before keeps its version."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.domain.dates import day_in_china
from services.certificates.service import SERVICE
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY
from tests.department import running
from tests.services.certificates.examples import COUNTY, VILLAGE
from tests.services.certificates.office import Office, apply, fields, problem
from tests.services.certificates.test_catalogue import fields as form_fields
from tests.services.certificates.test_catalogue import residence

VERSIONS = "/catalogue/residence/versions"


def definition(version: int = 2, **changes: Any) -> dict[str, Any]:
    first_day = day_in_china(datetime.now(UTC)) + timedelta(days=version - 2)  # the second holds from today
    return residence() | {"version": version, "in_force_from": first_day.isoformat(), **changes}


async def editor(office: Office, division: str = WHOLE_COUNTRY, key: str | None = None) -> httpx.AsyncClient:
    return await office.reviewer(division, role=Role.catalogue_editor, key=key)


async def test_a_published_version_holds_at_once_and_old_applications_keep_theirs(office: Office) -> None:
    citizen, anyone = await office.citizen(), await office.anyone()
    before = await apply(citizen)
    named = {"zh": "居住情况证明", "en": "Proof of residence"}
    answer = await (await editor(office)).post(VERSIONS, json=definition(name=named, promise={"working_days": 1}))
    assert answer.status_code == 201, answer.text

    shown = (await anyone.get("/catalogue/residence")).json()
    assert (shown["version"], shown["name"], shown["promise_working_days"]) == (2, named, 1)
    after = await apply(citizen, purpose="employment")
    versions = [
        (await citizen.get(f"/applications/{application}")).json()["catalogue_version"]
        for application in (before, after)
    ]
    assert versions == [1, 2]


async def test_every_process_goes_by_it_at_once(office: Office, database: DepartmentDatabase) -> None:
    async with running(SERVICE, database, key_known=False) as second, Office(second) as other:
        anyone = await other.anyone()
        assert (await anyone.get("/catalogue/residence")).json()["version"] == 1
        assert (await (await editor(office)).post(VERSIONS, json=definition())).status_code == 201
        assert (await anyone.get("/catalogue/residence")).json()["version"] == 2


async def test_a_certificate_is_issued_under_a_published_version(office: Office) -> None:
    assert (await (await editor(office)).post(VERSIONS, json=definition(valid_months=1))).status_code == 201
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    assert (await reviewer.post(f"/applications/{application}/approve")).status_code == 200
    [certificate] = (await citizen.get("/certificates")).json()["certificates"]
    assert certificate["valid_to"] < (datetime.now(UTC) + timedelta(days=33)).date().isoformat()


async def test_a_version_to_come_waits_for_its_day(office: Office) -> None:
    assert (await (await editor(office)).post(VERSIONS, json=definition(version=3))).status_code == 201
    anyone = await office.anyone()
    assert (await anyone.get("/catalogue/residence")).json()["version"] == 1
    listed = (await anyone.get(VERSIONS)).json()["versions"]
    assert [(one["version"], one["published_by"] is None) for one in listed] == [(1, True), (3, False)]


async def test_a_broken_definition_is_told_by_field_and_nothing_is_stored(office: Office) -> None:
    client = await editor(office)
    cases: list[tuple[dict[str, Any], set[str]]] = [
        (definition(issuer="moon", source=[]), {"issuer", "source"}),
        (definition(division="town"), {"division"}),
        (definition(fields=form_fields(name={"editable": True})), {"fields.name"}),
        ({}, {"version", "in_force_from", "name", "issuer", "fields"}),
    ]
    for body, named in cases:
        answer = await client.post(VERSIONS, json=body)
        assert problem(answer) == (422, "definition_incorrect")
        assert named <= fields(answer)
    unknown = await client.post(VERSIONS, json=definition(concept="weather"))
    assert (problem(unknown), fields(unknown)) == ((422, "definition_incorrect"), {"concept"})
    assert problem(await client.post(VERSIONS, json=[])) == (422, "invalid")
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 0


async def test_villages_publish_nothing_that_is_not_theirs_to_certify(office: Office) -> None:
    client, named = await editor(office), {"zh": "无犯罪记录证明", "en": "Good conduct"}
    answer = await client.post("/catalogue/good_conduct/versions", json=definition(version=1, name=named))
    assert problem(answer) == (409, "not_theirs_to_certify")
    detail = answer.json()["detail"]
    assert "Certificate of no criminal record" in detail
    assert "The police issues it" in detail
    assert "民发〔2020〕20号附件第5项" in detail
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 0


async def test_villages_publish_only_what_is_listed_for_them(office: Office) -> None:
    client, named = await editor(office), {"zh": "意外事故证明", "en": "Accident"}
    body = definition(version=1, name=named)
    for concept in (None, "residence"):
        answer = await client.post("/catalogue/accident/versions", json=body | {"concept": concept})
        assert problem(answer) == (409, "not_listed_for_issuer")
        assert "residence (Residence" in answer.json()["detail"]
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 0


async def test_of_two_editors_at_once_one_is_first(office: Office) -> None:
    client = await editor(office)
    answers = await asyncio.gather(*(client.post(VERSIONS, json=definition(valid_months=n + 1)) for n in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 4}
    assert {problem(answer)[1] for answer in answers if answer.status_code == 409} == {"version_taken"}


async def test_the_same_key_twice_publishes_once(office: Office) -> None:
    client = await editor(office, key=str(uuid4()))
    first, again = [await client.post(VERSIONS, json=definition()) for _ in range(2)]
    assert (again.status_code, again.headers["event-id"]) == (201, first.headers["event-id"])


@pytest.mark.parametrize(
    ("role", "division", "code"),
    [
        (Role.reviewer, WHOLE_COUNTRY, "role_needed"),
        (Role.catalogue_editor, COUNTY, "outside_division"),  # villages elsewhere would be bound, too
        (Role.catalogue_editor, VILLAGE, "outside_division"),
    ],
)
async def test_only_an_editor_of_all_whom_it_binds_publishes(
    office: Office, role: Role, division: str, code: str
) -> None:
    client = await office.reviewer(division, role=role)
    body = definition(issuer="police", division="village", review=[{"level": "issuer", "role": "police_reviewer"}])
    assert problem(await client.post(VERSIONS, json=body)) == (403, code)
    citizen = await office.citizen()
    assert problem(await citizen.post(VERSIONS, json=body)) == (403, "role_needed")
