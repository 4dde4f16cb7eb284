"""The keys of a person go with the event that says so, and stay gone; whoever comes again gets a new one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.domain.application import APPLICATION
from services.certificates.erasing import ERASURE
from services.certificates.service import SERVICE
from shared.continuity.claims import read_claim
from shared.continuity.recovery import Recovery
from shared.continuity.told import Told
from shared.contracts import envelope
from shared.contracts.certificates import ApplicationSubmitted, CertificatesErased
from shared.contracts.envelope import Numbered
from shared.contracts.identity import ErasureAsked, IdentityErased
from shared.contracts.member import MemberFeed
from shared.department.beside_events import beside_events
from shared.department.engine import Engine
from shared.department.erasure import Erasing
from shared.department.erasures import standing_of
from shared.eventstore import erased_keys, person_keys
from shared.eventstore.differences import differences
from shared.eventstore.person_keys import GivenKey
from tests import older_copy
from tests.department import Department, running
from tests.erasure.plain_text import found_in
from tests.services.certificates.examples import ZHANG
from tests.services.certificates.office import Office, apply
from tests.shared.messaging.attacked import keys_of

OWN = "select id, sealed, master from person_keys where owner = $1 and is_own order by made_at"


@pytest.fixture(autouse=True)
def keys_at_hand_are_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_keys, "KEY_SECONDS", 0.0)


@pytest.fixture
async def office(database: DepartmentDatabase) -> AsyncIterator[Office]:
    async with running(SERVICE, database) as department, Office(department) as office:
        yield office


def asked() -> ErasureAsked:
    return ErasureAsked(person=ZHANG, request=uuid4(), by="citizen", asked_at=datetime.now(UTC))


async def erase(department: Department) -> None:
    await department.give(f"erasure-{ZHANG}", asked())
    assert await Erasing(ERASURE, department.engine.store).sweep() == 1


async def withdrawn(office: Office) -> str:
    """An application of 张三 that is over."""
    citizen = await office.citizen()
    application = await apply(citizen)
    assert (await citizen.post(f"/applications/{application}/withdraw")).status_code == 200
    return application


async def form_of(engine: Engine, application: str) -> object:
    loaded = await engine.store.load(APPLICATION.stream(application), APPLICATION)
    submitted = loaded.events[0].data
    assert isinstance(submitted, ApplicationSubmitted)
    return submitted.form


async def test_a_form_cannot_be_read_any_more_and_its_page_still_opens(
    office: Office, database: DepartmentDatabase
) -> None:
    engine = office.department.engine
    application = await withdrawn(office)
    form = await form_of(engine, application)
    assert form
    await erase(office.department)
    assert await form_of(engine, application) == {}
    citizen = await office.citizen()
    for route in ("/applications", f"/applications/{application}"):
        assert (await citizen.get(route)).status_code == 200
    for model in engine.service.read_models:
        assert await differences(database.app_url, model, engine.registry) == [], model.name


async def test_whoever_comes_again_gets_a_new_key(office: Office) -> None:
    engine = office.department.engine
    await withdrawn(office)
    await erase(office.department)
    again = await withdrawn(office)
    assert await form_of(engine, again)
    assert await erased_keys.carry_out_again(engine.pool, engine.registry, (CertificatesErased, IdentityErased)) == 0
    assert [row["sealed"] is None for row in await engine.pool.fetch(OWN, str(ZHANG))] == [True, False]


async def test_given_keys_of_whoever_comes_again_stay(office: Office) -> None:
    """Also at the next start, and when the event is recovered after a restore."""
    engine, person = office.department.engine, uuid4()
    erased = IdentityErased(person=person, request=uuid4(), erased_at=datetime.now(UTC))
    await office.department.give(f"erasure-{person}", erased)
    before, after = (erased.erased_at + timedelta(minutes=minutes) for minutes in (-1, 1))
    keys = [GivenKey(id, str(person), b"k" * 32, at) for id, at in (("abcdefghijk", before), ("lmnopqrstuv", after))]
    await keys_of(engine).take("local.identity", keys)
    assert await erased_keys.carry_out_again(engine.pool, engine.registry, (CertificatesErased, IdentityErased)) == 1
    await keys_of(engine).take("local.identity", keys)
    rows = await engine.pool.fetch("select sealed is null as is_erased from person_keys where not is_own order by id")
    assert [row["is_erased"] for row in rows] == [True, False]


async def test_keys_that_were_put_back_are_dropped_again(office: Office) -> None:
    engine = office.department.engine
    await withdrawn(office)
    [key] = await engine.pool.fetch(OWN, str(ZHANG))
    await erase(office.department)
    await engine.pool.execute(
        "update person_keys set sealed = $2, master = $3, in_use = true, erased_at = null where id = $1", *key
    )
    assert await erased_keys.carry_out_again(engine.pool, engine.registry, (CertificatesErased, IdentityErased)) == 1
    assert [row["sealed"] for row in await engine.pool.fetch(OWN, str(ZHANG))] == [None]


async def test_nothing_of_the_form_is_left_in_any_byte(office: Office, database: DepartmentDatabase) -> None:
    citizen = await office.citizen()
    application = await apply(citizen, residence_since="1987-06-05")
    await citizen.post(f"/applications/{application}/withdraw")
    await erase(office.department)
    assert await found_in(database.admin_url, ["1987-06-05"]) == []


async def test_a_restore_to_before_an_erasure_replays_it(database: DepartmentDatabase) -> None:
    """The event comes back from whoever has it; with it the keys go again, and what read models held."""
    quiet = replace(SERVICE, on_start=(), timers=())
    async with running(quiet, database) as department, Office(department) as office:
        application = await withdrawn(office)
        await department.give(f"erasure-{ZHANG}", asked())
    await older_copy.take(database)
    async with running(quiet, database) as department:
        assert await Erasing(ERASURE, department.engine.store).sweep() == 1
        told = await envelope_of_erasure(department.engine)
    await older_copy.put_back(database)
    async with running(quiet, database) as department:
        engine = department.engine
        assert await form_of(engine, application)
        claim = read_claim(told, own_feed(engine), is_trusted=True)
        assert claim is not None
        recovery = Recovery(engine.pool, engine.registry, beside_events(quiet, engine.registry, engine.read_models))
        outcome = await recovery.take(Told(claims=[claim]), is_numbering=True)
        assert outcome is not None
        assert outcome.recovered == 1
        assert await form_of(engine, application) == {}
        standing = await standing_of(engine.pool, ZHANG)
        assert standing is not None
        assert standing.status == "erased"


async def test_a_restore_keeps_what_came_after_the_erasure(database: DepartmentDatabase) -> None:
    """Not even the request is in the copy: the answer is recovered all the same, and nothing is decided anew."""
    quiet = replace(SERVICE, on_start=(), timers=())
    async with running(quiet, database) as department, Office(department) as office:
        before = await withdrawn(office)
        [old] = await keys_of_zhang(department.engine)
    await older_copy.take(database)
    async with running(quiet, database) as department, Office(department) as office:
        await erase(department)
        after = await withdrawn(office)
        form = await form_of(department.engine, after)
        told = [await envelope_of_erasure(department.engine), *await envelopes_of(department.engine, after)]
        [new] = await keys_of_zhang(department.engine)
    await older_copy.put_back(database)
    async with running(quiet, database) as department:
        engine = department.engine
        for key in (old, new):
            await keys_of(engine).take_back(key, {"certificates.applications"})
        assert await keys_of(engine).learn([old.id, new.id]) == set()
        claims = [read_claim(one, feed, is_trusted=True) for one in told for feed in engine.registry.own_feeds]
        recovery = Recovery(engine.pool, engine.registry, beside_events(quiet, engine.registry, engine.read_models))
        await recovery.take(Told(claims=[one for one in claims if one]), is_numbering=True)
        assert await form_of(engine, before) == {}
        assert await form_of(engine, after) == form != {}
        await department.give(f"erasure-{ZHANG}", asked())
        for model in engine.service.read_models:
            assert await differences(database.app_url, model, engine.registry) == [], model.name


async def test_what_nobody_has_of_an_erasure_is_decided_anew(database: DepartmentDatabase) -> None:
    """Identity's request is taken in again, for the inbox is older too."""
    async with running(SERVICE, database) as department, Office(department) as office:
        application = await withdrawn(office)
    await older_copy.take(database)
    async with running(replace(SERVICE, on_start=()), database) as department:
        await erase(department)
    await older_copy.put_back(database)
    async with running(replace(SERVICE, on_start=()), database) as department:
        assert await form_of(department.engine, application)
        await erase(department)
        assert await form_of(department.engine, application) == {}


async def keys_of_zhang(engine: Engine) -> list[GivenKey]:
    """As neighbours hold them."""
    rows = await engine.pool.fetch("select id, made_at from person_keys where owner = $1 and in_use", str(ZHANG))
    await keys_of(engine).learn([row["id"] for row in rows])
    keys = [(keys_of(engine).key(row["id"]), row["made_at"]) for row in rows]
    return [GivenKey(key.id, str(ZHANG), key.content, made_at) for key, made_at in keys if key]


def own_feed(engine: Engine) -> MemberFeed:
    return next(feed for feed in engine.registry.own_feeds if feed.local_name == "certificates.erasures")


async def envelope_of_erasure(engine: Engine) -> bytes:
    """As neighbours have it."""
    row = await engine.pool.fetchrow("select * from events where type = 'certificates.CertificatesErased'")
    assert row is not None
    return envelope_of(row, 1)


async def envelopes_of(engine: Engine, application: str) -> list[bytes]:
    """Of its public events."""
    rows = await engine.pool.fetch(
        "select * from events where stream = $1 and feed is not null order by version", APPLICATION.stream(application)
    )
    return [envelope_of(row, nth) for nth, row in enumerate(rows, start=1)]


def envelope_of(row: asyncpg.Record, sequence: int) -> bytes:
    names = ("id", "type", "schema", "stream", "version", "data", "metadata", "recorded_at")
    told = Numbered(feed=f"local.{row['feed']}", sequence=sequence, **{name: row[name] for name in names})
    return envelope.encode(told)
