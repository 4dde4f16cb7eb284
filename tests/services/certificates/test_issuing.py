"""An approval leads to one certificate, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID, uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.catalogue_files import catalogue
from services.certificates.documents import documents_of
from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.serials import SERIAL, ClaimSerial, candidates, claim_id
from services.certificates.issuing import Issuing
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Broken, Misconfigured
from shared.department.key_store import SealedKeys
from shared.department.stuck import LONGEST
from shared.eventstore.aggregate import Context
from tests.department import Department, running
from tests.services.certificates.examples import (
    CREDIT_CODE,
    FORM,
    ISSUER,
    NOW,
    OTHER_VILLAGE,
    RESIDENCE,
    VILLAGE,
    ZHANG,
    filled,
)
from tests.services.certificates.histories import COUNTY, ELSEWHERE
from tests.services.certificates.sealed import give_seals
from tests.until import until


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duty: here tests sweep themselves."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        await give_seals(without_duties)
        yield without_duties


@pytest.fixture
def issuing(department: Department) -> Issuing:
    return another(department)


def another(department: Department) -> Issuing:
    """As another process would have it."""
    engine, settings = department.engine, department.settings
    assert isinstance(settings, CertificatesSettings)
    return Issuing(engine.store, engine.pool, catalogue(), documents_of(engine.store, engine.pool, settings))


async def approved(department: Department, form: FilledForm = FORM) -> UUID:
    """An application that was approved by a process that was killed before it could issue."""
    store, id = department.engine.store, uuid4()
    stream = APPLICATION.stream(id)
    await store.execute(stream, APPLICATION, SubmitApplication(id, ZHANG, form, NOW), Context())
    await store.execute(stream, APPLICATION, ApproveApplication(COUNTY, NOW), Context())
    return id


async def issued(department: Department) -> list[CertificateIssued]:
    found = await department.stored("certificates.CertificateIssued")
    return [one.data for one in found if isinstance(one.data, CertificateIssued)]


async def test_what_was_approved_before_a_crash_is_issued_by_the_sweep(
    department: Department, issuing: Issuing
) -> None:
    applications = {await approved(department) for _ in range(3)}
    assert await issued(department) == []
    assert await issuing.sweep() == 3
    certificates = await issued(department)
    assert {one.application for one in certificates} == applications
    assert len({one.identifier for one in certificates}) == 3
    assert await issuing.sweep() == 0


async def test_the_leader_sweeps_by_itself(database: DepartmentDatabase) -> None:
    async with running(replace(SERVICE, on_start=(), timers=()), database) as killed:
        await give_seals(killed)
        application = await approved(killed)
    async with running(SERVICE, database) as restarted:
        certificate = await until(lambda: _certificate(restarted, application), what="the certificate")
    assert certificate == certificate_of(application)


async def _certificate(department: Department, application: UUID) -> UUID | None:
    found: UUID | None = await department.engine.pool.fetchval(
        "select certificate from certificates where application = $1", application
    )
    return found


async def test_a_crash_after_the_serial_was_claimed_leaves_the_same_serial(
    department: Department, issuing: Issuing
) -> None:
    application = await approved(department)
    [serial] = islice(candidates(application, day_in_china(NOW)), 1)
    stream = SERIAL.stream(claim_id(CREDIT_CODE, RESIDENCE.type_code, serial))
    await department.engine.store.execute(stream, SERIAL, ClaimSerial(application), Context())
    assert await issuing.sweep() == 1
    [certificate] = await issued(department)
    assert certificate.number == serial


async def test_a_serial_somebody_has_is_not_given_again(department: Department, issuing: Issuing) -> None:
    application = await approved(department)
    taken, free = islice(candidates(application, day_in_china(NOW)), 2)
    stream = SERIAL.stream(claim_id(CREDIT_CODE, RESIDENCE.type_code, taken))
    await department.engine.store.execute(stream, SERIAL, ClaimSerial(uuid4()), Context())
    await issuing.issue(application, NOW)
    await issuing.issue(application, NOW)
    [certificate] = await issued(department)
    assert certificate.number == free


async def test_requests_and_sweeps_at_once_make_one_certificate_each(department: Department, issuing: Issuing) -> None:
    applications = [await approved(department) for _ in range(5)]
    other = another(department)
    await asyncio.gather(
        *(who.issue_now(application, NOW) for application in applications for who in (issuing, other)),
        issuing.sweep(),
        other.sweep(),
    )
    assert sorted(one.application for one in await issued(department)) == sorted(applications)
    pool = department.engine.pool
    assert await pool.fetchval("select count(*) from events where type = 'certificates.SerialClaimed'") == 5


async def test_issuing_follows_from_the_approval(department: Department, issuing: Issuing) -> None:
    """Its events name the approval as their cause and carry ids that follow from it."""
    application = await approved(department)
    first, again = await issuing.issue(application, NOW), await issuing.issue(application, NOW)
    assert [event.id for event in first.events] == [event.id for event in again.events]
    approval = (await department.engine.store.load(APPLICATION.stream(application), APPLICATION)).events[-1]
    metadata = (
        (await department.engine.store.load(CERTIFICATE.stream(certificate_of(application)), CERTIFICATE))
        .events[-1]
        .metadata
    )
    assert (metadata.causation_id, metadata.actor) == (str(approval.id), "department:certificates")


async def test_one_that_cannot_be_issued_does_not_hold_up_the_others(department: Department, issuing: Issuing) -> None:
    """Nor do a whole page of them."""
    stuck = await approved(department, filled(**ELSEWHERE))
    others = {await approved(department) for _ in range(2)}
    crippled = replace(issuing, catalogue=replace(catalogue(), issuers={("village", VILLAGE): ISSUER}), at_once=1)
    with pytest.raises(Misconfigured, match=OTHER_VILLAGE):
        await crippled.issue(stuck, NOW)
    assert await crippled.sweep() == 2
    assert {one.application for one in await issued(department)} == others
    assert await issuing.sweep() == 0, "it rests"
    assert await issuing.sweep(lambda: datetime.now(UTC) + LONGEST) == 1
    assert await department.engine.pool.fetchval("select count(*) from stuck") == 0


async def test_only_what_is_approved_is_issued(department: Department, issuing: Issuing) -> None:
    id = uuid4()
    stream = APPLICATION.stream(id)
    await department.engine.store.execute(stream, APPLICATION, SubmitApplication(id, ZHANG, FORM, NOW), Context())
    with pytest.raises(Broken):
        await issuing.issue(id, NOW)
    assert await issuing.sweep() == 0


class NoIssuerKey(SealedKeys):
    """A key store that cannot reach the key that status lists are signed with; the seals' it can."""

    async def sign(self, name: str, words: bytes) -> bytes:
        if name.startswith("credential-issuer"):
            raise Misconfigured(f"key {name} cannot be opened")
        return await super().sign(name, words)


async def test_what_nobody_could_ask_the_status_of_is_not_issued(department: Department, issuing: Issuing) -> None:
    """It waits, approved, until its status list can be signed."""
    application = await approved(department)
    settings = department.settings
    assert isinstance(settings, CertificatesSettings)
    crippled_keys = NoIssuerKey(department.engine.pool, settings.key_masters)
    issuer = replace(issuing.documents.issuer, keys=crippled_keys)
    crippled = replace(issuing, documents=replace(issuing.documents, issuer=issuer))
    assert await crippled.issue_now(application, NOW) is None
    assert await issued(department) == []
    assert await issuing.sweep() == 1
    [one] = await issued(department)
    assert one.status_list == 20231201
    assert one.status_index is not None
