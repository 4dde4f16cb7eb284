"""The issuing bodies keep what law keeps, and erase the rest: events' own rows, drafts and files too."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.certificates.erasing import ERASURE
from shared.contracts.event import Event
from shared.contracts.identity import ErasureAsked
from shared.department import files
from shared.department.erasure import Erasing
from shared.department.erasures import Standing, standing_of
from tests.services.certificates.examples import TODAY, ZHANG
from tests.services.certificates.office import Office, apply, bring, issue, submission

DRAFT = uuid4()


def asked(person: UUID = ZHANG) -> ErasureAsked:
    return ErasureAsked(person=person, request=uuid4(), by="citizen", asked_at=datetime.now(UTC))


async def answer(office: Office, event: Event | None = None, *, now: datetime | None = None) -> Standing:
    """What the department says to a request."""
    engine = office.department.engine
    await office.department.give(f"erasure-{ZHANG}", event or asked())
    at = now or datetime.now(UTC)
    await Erasing(ERASURE, engine.store, lambda: at).sweep()
    standing = await standing_of(engine.pool, ZHANG)
    assert standing is not None
    return standing


async def test_whom_nothing_keeps_is_erased(office: Office) -> None:
    citizen = await office.citizen()
    await citizen.put(f"/drafts/{DRAFT}", json=submission())
    standing = await answer(office)
    assert (standing.status, standing.reasons) == ("erased", ())
    assert await office.department.engine.pool.fetchval("select count(*) from drafts") == 0


async def test_an_application_under_way_keeps_a_person(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    standing = await answer(office)
    assert [one.rule for one in standing.reasons] == ["application_under_way"]
    assert (await citizen.post(f"/applications/{application}/withdraw")).status_code == 200
    assert (await answer(office)).status == "erased"


async def test_a_certificate_keeps_a_person_until_its_last_day(office: Office) -> None:
    last = TODAY + timedelta(days=365 * 20)
    certificate = await issue(office, valid_to=last)
    standing = await answer(office)
    assert [(one.rule, one.until) for one in standing.reasons] == [("certificate_in_force", last)]
    pool = office.department.engine.pool
    assert await pool.fetchval("select holder_name from holdings where certificate = $1", certificate) == "张三"
    again = datetime(last.year + 1, 1, 1, tzinfo=UTC)
    assert (await answer(office, now=again)).status == "erased"
    assert await pool.fetchval("select holder_name from holdings where certificate = $1", certificate) == ""


async def test_files_of_an_erased_person_go(office: Office) -> None:
    engine = office.department.engine
    brought = await bring(await office.citizen())
    page = await files.put(engine.pool, "application/pdf", b"%PDF the certificate")
    other = await files.put(engine.pool, "application/pdf", b"%PDF of somebody else")
    await issue(office, valid_to=TODAY, document=page)
    assert (await answer(office, now=datetime.now(UTC))).status == "erased"
    assert await files.get(engine.pool, brought) is None
    assert await files.get(engine.pool, page) is None
    assert await files.get(engine.pool, other) is not None
