"""A corrected version, or a newer certificate for the same, takes the place of the older, once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.catalogue_files import catalogue
from services.certificates.documents import documents_of
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_life import CorrectCertificate
from services.certificates.domain.certificate_state import Issued, Superseded
from services.certificates.domain.next_version import next_version_of
from services.certificates.replacing import Replacing
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from shared.eventstore.aggregate import Context
from tests.department import Department, running
from tests.services.certificates.examples import COLLEAGUE, FORM, LI, NOW, OTHER_VILLAGE, TOWNSHIP
from tests.services.certificates.lives import CLERK, CORRECTED_FORM, another, hold
from tests.services.certificates.office import Office, apply, fields, problem

CORRECTION = {"form": {"residence_address": "3排13号"}, "reason": "门牌号录入有误"}


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties and timers: here tests sweep themselves."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        yield without_duties


@pytest.fixture
def replacing(department: Department) -> Replacing:
    engine, settings = department.engine, department.settings
    assert isinstance(settings, CertificatesSettings)
    return Replacing(engine.store, engine.pool, catalogue(), documents_of(engine.store, engine.pool, settings))


async def issued(office: Office, **given: str) -> UUID:
    application = await apply(await office.citizen(), **given)
    answer = await (await office.reviewer()).post(f"/applications/{application}/approve")
    return UUID(answer.json()["certificate"])


async def test_a_corrected_certificate_is_superseded_by_its_next_version(office: Office) -> None:
    first = await issued(office)
    reviewer, holder = await office.reviewer(key="one"), await office.citizen()
    answer = await reviewer.post(f"/certificates/{first}/correct", json=CORRECTION)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    second = UUID(told["superseded_by"]["certificate"])
    assert (told["status"], second) == ("superseded", next_version_of(first))
    assert ".002." in told["superseded_by"]["identifier"]
    again = await reviewer.post(f"/certificates/{first}/correct", json=CORRECTION)
    assert again.json() == told
    state = (await office.department.engine.store.load(CERTIFICATE.stream(second), CERTIFICATE)).state
    assert isinstance(state, Issued)
    assert state.as_issued.content["residence_address"] == "3排13号"
    assert state.as_issued.replaces == first
    assert state.as_issued.document
    third = (
        await (await office.reviewer()).post(
            f"/certificates/{second}/correct", json={"form": {"residence_since": "2021-10-01"}, "reason": "日期有误"}
        )
    ).json()
    assert ".003." in third["superseded_by"]["identifier"]
    mine = (await holder.get("/certificates")).json()["certificates"]
    assert len(mine) == 3
    [application] = (await holder.get("/applications")).json()["applications"]
    assert application["certificate"] == third["superseded_by"]["certificate"]


async def test_what_may_not_be_corrected_is_refused(office: Office) -> None:
    first = await issued(office)
    reviewer = await office.reviewer()
    url = f"/certificates/{first}/correct"
    nothing = await reviewer.post(url, json={"form": {}, "reason": "无"})
    assert (nothing.status_code, fields(nothing)) == (422, {"form"})
    moved = await reviewer.post(url, json={"form": {"purpose": "employment"}, "reason": "无"})
    assert (moved.status_code, fields(moved)) == (422, {"purpose"})
    assert problem(await (await office.citizen()).post(url, json=CORRECTION)) == (403, "role_needed")
    elsewhere = await office.reviewer(OTHER_VILLAGE)
    assert problem(await elsewhere.post(url, json=CORRECTION)) == (404, "no_such_certificate")
    await reviewer.post(f"/certificates/{first}/revocation", json={"explanation": "不再需要"})
    assert problem(await reviewer.post(url, json=CORRECTION)) == (409, "revocation_waits")
    await (await office.reviewer(TOWNSHIP, COLLEAGUE.id)).post(f"/certificates/{first}/revocation/confirm")
    assert problem(await reviewer.post(url, json=CORRECTION)) == (409, "certificate_over")


async def test_a_correction_cut_short_is_finished_by_the_sweep_and_once(office: Office, replacing: Replacing) -> None:
    first = await issued(office)
    store = office.department.engine.store
    command = CorrectCertificate(CLERK, CORRECTED_FORM, FORM.values, "门牌号录入有误", NOW)
    await store.execute(CERTIFICATE.stream(first), CERTIFICATE, command, Context())
    for _ in range(2):
        await replacing.sweep()
    assert isinstance((await store.load(CERTIFICATE.stream(first), CERTIFICATE)).state, Superseded)
    second = await store.load(CERTIFICATE.stream(next_version_of(first)), CERTIFICATE)
    assert isinstance(second.state, Issued)
    pool = office.department.engine.pool
    assert await pool.fetchval("select count(*) from corrections_to_make") == 0
    assert await pool.fetchval("select count(*) from successions_to_settle") == 0


async def test_a_newer_certificate_for_the_same_purpose_takes_the_place_of_the_older(
    office: Office, replacing: Replacing
) -> None:
    first, other_purpose = await issued(office), await issued(office, purpose="employment")
    second = await issued(office)
    await replacing.sweep()
    store = office.department.engine.store
    stands = [(await store.load(CERTIFICATE.stream(one), CERTIFICATE)).state for one in (first, other_purpose, second)]
    assert [type(state).__name__ for state in stands] == ["Superseded", "Issued", "Issued"]
    assert isinstance(stands[0], Superseded)
    assert stands[0].by == second


async def test_where_one_may_be_valid_the_newest_is(office: Office, replacing: Replacing) -> None:
    """Whatever their purpose; another holder's is not touched."""
    store = office.department.engine.store
    kind = {"certificate_type": "household_page", "catalogue_version": 1}
    older = await hold(store, another(**kind))
    newer = await hold(store, another(**kind, issued_at=NOW.replace(hour=5), replaces=older))
    others = await hold(store, another(**kind, citizen=LI))
    await replacing.sweep()
    stands = [(await store.load(CERTIFICATE.stream(one), CERTIFICATE)).state for one in (older, newer, others)]
    assert [type(state).__name__ for state in stands] == ["Superseded", "Issued", "Issued"]
