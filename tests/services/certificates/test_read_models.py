"""Events in, rows out, on PostgreSQL: in any batches, streams interleaved, with duplicates, and rebuilt."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.checking.verdict import Standing
from services.certificates.domain.application import APPLICATION, Command, SubmitApplication
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.review import ApproveApplication, SendBackApplication
from services.certificates.erasing import ERASURE
from services.certificates.read_models.certificates import certificates_of, find_certificate
from services.certificates.read_models.citizens import phone_of
from services.certificates.read_models.my_applications import applications_of, are_open
from services.certificates.read_models.people import Person, find_person, match_person
from services.certificates.read_models.review_queue import REVIEW_QUEUE, waiting_for
from services.certificates.read_models.to_issue import next_to_issue
from services.certificates.service import SERVICE
from shared.contracts import envelope
from shared.contracts.envelope import Numbered, Received
from shared.contracts.errors import Invalid
from shared.contracts.event import Event
from shared.contracts.identity import (
    Role,
    StaffDismissed,
)
from shared.department.engine import Engine
from shared.department.paging import Place
from shared.department.staff import find_appointment
from shared.eventstore import read_model
from shared.eventstore.differences import differences
from shared.standards.id_number import IdNumber
from tests.department import Department, running
from tests.read_models import apply, content, insert, require_batches_do_not_matter
from tests.services.certificates.examples import (
    COLLEAGUE,
    FORM,
    LI,
    MINUTE,
    NOW,
    OTHER_VILLAGE,
    PARTICULARS,
    RESIDENCE,
    REVIEWER,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
    filled,
    history,
    issuing,
    registered,
)
from tests.services.certificates.histories import (
    COUNTY,
    ELSEWHERE,
    account,
    appointed,
    corrected,
    died,
    lives,
    moved,
    recorded,
)

MODELS = tuple(model for model in SERVICE.read_models if model is not ERASURE.read_model)  # tests/erasure


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties and timers: what these tests write is not to be acted upon."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        yield without_duties


@pytest.mark.parametrize("seed", range(4))
async def test_batches_and_interleaving_make_no_difference(department: Department, seed: int) -> None:
    engine, random = department.engine, Random(seed)
    await require_batches_do_not_matter(engine, MODELS, lives(random, engine.registry), random)


async def test_a_rebuilt_read_model_holds_what_the_living_one_held(
    department: Department, database: DepartmentDatabase
) -> None:
    engine, random = department.engine, Random(7)
    async with engine.pool.acquire() as connection:
        for stream in lives(random, engine.registry):
            if stream[0].type.startswith("certificates."):
                await insert(engine, stream)
                await read_model.group(MODELS, stream).run(connection)
            else:
                await department.give(stream[0].stream, *(event.data for event in stream))
    assert all((await content(engine, MODELS)).values())
    for model in MODELS:
        assert await differences(database.app_url, model, engine.registry) == []


async def test_what_comes_twice_counts_once(department: Department) -> None:
    """Feeds are delivered at least once, in batches cut anywhere; each batch here comes with what came before it."""
    engine, random = department.engine, Random(3)
    people = [uuid7() for _ in range(20)]
    told: list[tuple[str, Event]] = [(f"person-{one}", registered(one)) for one in people]
    told += [(f"person-{one}", moved(one, OTHER_VILLAGE)) for one in people[:10]]
    feed = [numbered(engine, sequence, stream, event) for sequence, (stream, event) in enumerate(told, 1)]
    sent = 0
    while sent < len(feed):
        upto = min(len(feed), sent + random.randrange(1, 9))
        batch = feed[max(0, sent - random.randrange(9)) : upto]
        random.shuffle(batch)
        await engine.subscriptions["local.identity.people"].take_in([*batch, *batch])
        sent = upto
    rows = await engine.pool.fetch("select person, division from people")
    assert {row["person"]: row["division"] for row in rows} == {
        one: OTHER_VILLAGE if place < 10 else VILLAGE for place, one in enumerate(people)
    }


def numbered(engine: Engine, sequence: int, stream: str, event: Event) -> Received:
    registry = engine.registry
    return envelope.parse(
        envelope.encode(
            Numbered(
                feed="local.identity.people",
                sequence=sequence,
                id=uuid7(),
                type=registry.type_of(type(event)),
                schema=event.schema_version,
                stream=stream,
                version=1,
                data=registry.encode(event),
                metadata="{}",
                recorded_at=datetime.now(UTC),
            )
        )
    )


async def test_people_are_as_the_register_last_told(department: Department) -> None:
    pool = department.engine.pool
    assert await find_person(pool, LI) is None
    await department.give(f"person-{LI}", registered(LI, name="李四"))
    assert await find_person(pool, LI) == Person(LI, "李四", IdNumber("130123198503120019"), VILLAGE, "3排12号", None)
    await department.give(f"person-{LI}", corrected(LI, "李肆"), moved(LI, OTHER_VILLAGE))
    assert await find_person(pool, LI) == Person(
        LI, "李肆", IdNumber("130123200002291231"), OTHER_VILLAGE, "南街2号", None
    )


async def test_a_person_is_matched_by_name_and_number_together(department: Department) -> None:
    pool, number = department.engine.pool, IdNumber("130123198503120019")
    await department.give(f"person-{LI}", registered(LI, name="李四"))
    matched = await match_person(pool, "李四", number)
    assert matched
    assert (matched.person, matched.died_on) == (LI, None)
    assert await match_person(pool, "李五", number) is None
    assert await match_person(pool, "李四", IdNumber("130123200002291231")) is None
    await department.give(f"person-{LI}", died(LI))
    gone = await match_person(pool, "李四", number)
    assert gone
    assert gone.died_on == TODAY


async def test_a_citizens_phone_is_known_once_his_account_is(department: Department) -> None:
    pool = department.engine.pool
    assert await phone_of(pool, ZHANG) is None
    await department.give(f"account-{ZHANG}", account(ZHANG))
    assert await phone_of(pool, ZHANG) == "13800138000"


async def test_a_reviewer_is_one_until_he_is_dismissed_or_serves_otherwise(department: Department) -> None:
    pool = department.engine.pool
    stream = f"staff-{REVIEWER.id}"

    async def seen() -> tuple[str, str, frozenset[Role]]:
        found = await find_appointment(pool, REVIEWER.id)
        assert found
        return found.name, found.division, found.roles

    assert await find_appointment(pool, REVIEWER.id) is None
    await department.give(stream, appointed())
    assert await seen() == ("审有民", VILLAGE, frozenset({Role.reviewer}))
    await department.give(stream, StaffDismissed(staff=REVIEWER.id, dismissed_at=NOW))
    assert await seen() == ("审有民", VILLAGE, frozenset())
    await department.give(stream, appointed(Role.reviewer, division=TOWNSHIP))
    assert await seen() == ("审有民", TOWNSHIP, frozenset({Role.reviewer}))
    await department.give(stream, appointed(Role.operator))
    assert await seen() == ("审有民", VILLAGE, frozenset({Role.operator}))


async def test_the_queue_shows_what_waits_in_a_division_the_most_urgent_first(department: Department) -> None:
    engine = department.engine
    await department.give(f"person-{ZHANG}", registered(ZHANG))
    ids = [uuid7() for _ in range(4)]
    commands: list[tuple[Command, ...]] = [
        (SubmitApplication(ids[0], ZHANG, filled(), NOW + 2 * MINUTE),),
        (SubmitApplication(ids[1], LI, filled(**ELSEWHERE), NOW + MINUTE),),
        (SubmitApplication(ids[2], ZHANG, filled(), NOW), ApproveApplication(REVIEWER, NOW)),
        (
            SubmitApplication(ids[3], ZHANG, filled(), NOW),
            SendBackApplication(REVIEWER, RESIDENCE, {"phone": "?"}, NOW),
        ),
    ]
    for id, of_one in zip(ids, commands, strict=True):
        await apply(engine, MODELS, recorded(engine.registry, APPLICATION.stream(id), history(APPLICATION, *of_one)))
    in_town = await waiting_for(engine.pool, COLLEAGUE, TOWNSHIP, limit=10)
    assert [waiting.application for waiting in in_town] == [ids[1], ids[0]]
    assert [waiting.application for waiting in await waiting_for(engine.pool, REVIEWER, VILLAGE, limit=10)] == [ids[0]]
    assert [waiting.application for waiting in await waiting_for(engine.pool, COUNTY, COUNTY.area, limit=10)] == [
        ids[1],
        ids[0],
    ]
    assert await waiting_for(engine.pool, COUNTY, "130109000000", limit=10) == []
    assert [(waiting.name, waiting.id_number) for waiting in in_town] == [(None, None), ("张三", "130123198503120019")]


async def test_pages_of_the_queue_lose_nothing_when_cases_leave_between_them(department: Department) -> None:
    engine = department.engine
    ids = [uuid7() for _ in range(5)]
    for id in ids:
        submitted = history(APPLICATION, SubmitApplication(id, ZHANG, filled(), NOW))
        await apply(engine, MODELS, recorded(engine.registry, APPLICATION.stream(id), submitted))
    first = await waiting_for(engine.pool, REVIEWER, VILLAGE, limit=2)
    await engine.pool.execute(
        f"delete from {REVIEW_QUEUE.schema}.review_queue where application = $1", first[-1].application
    )
    after = Place.parse(str(first[-1].place))
    rest = await waiting_for(engine.pool, REVIEWER, VILLAGE, after=after, limit=10)
    assert [waiting.application for waiting in (*first, *rest)] == sorted(ids)


async def test_a_citizen_sees_his_own_applications_the_newest_first(department: Department) -> None:
    engine = department.engine
    ids = [uuid7() for _ in range(3)]
    for number, id in enumerate(ids):
        events = history(APPLICATION, SubmitApplication(id, ZHANG, FORM, NOW + timedelta(days=number)))
        await apply(engine, MODELS, recorded(engine.registry, APPLICATION.stream(id), events))
    mine = await applications_of(engine.pool, ZHANG, limit=2)
    assert [one.application for one in mine] == [ids[2], ids[1]]
    assert [one.application for one in await applications_of(engine.pool, ZHANG, after=mine[-1].place, limit=2)] == ids[
        :1
    ]
    assert await applications_of(engine.pool, LI, limit=2) == []
    assert await are_open(engine.pool, [*ids, uuid7()]) == dict.fromkeys(ids, True)


async def test_what_is_approved_is_to_be_issued_until_it_is(department: Department) -> None:
    engine = department.engine
    id = uuid7()
    approved = history(APPLICATION, SubmitApplication(id, ZHANG, FORM, NOW), ApproveApplication(REVIEWER, NOW))
    await apply(engine, MODELS, recorded(engine.registry, APPLICATION.stream(id), approved))
    assert await next_to_issue(engine.pool, after=Place.first(), limit=9) == [(NOW, id)]
    issue = issuing(replace(PARTICULARS, application=id))
    issued = history(CERTIFICATE, issue)
    await apply(engine, MODELS, recorded(engine.registry, CERTIFICATE.stream(certificate_of(id)), issued))
    assert await next_to_issue(engine.pool, after=Place.first(), limit=9) == []
    [row] = await certificates_of(engine.pool, ZHANG, limit=9)
    assert row == await find_certificate(engine.pool, row.identifier)
    assert (row.holder_masked, row.valid_to, row.stands) == (
        "张*",
        TODAY.replace(2024, 6),
        Standing(TODAY, TODAY.replace(2024, 6)),
    )


def test_a_place_is_read_as_it_was_written() -> None:
    for place in (Place(NOW, ZHANG), Place(NOW + timedelta(microseconds=1), LI), Place.first(), Place.last()):
        assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", "x", "!!!", "MjAyMw", str(Place(NOW, ZHANG))[:-3], "AAAA" * 9, "é"])
def test_a_place_nobody_handed_out_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="unknown_place"):
        Place.parse(text)
