"""Events in, rows out, on PostgreSQL: in any batches, streams interleaved, and rebuilt."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.erasing import ERASURE
from services.cases.read_models.cases import cases_of, counts, open_cases, stuck_items
from services.cases.read_models.people import find_person, marriage_of
from services.cases.service import SERVICE
from shared.contracts.identity import Role
from shared.department.paging import Place
from shared.department.staff import appointed_at
from shared.eventstore.differences import differences
from tests.department import Department, running
from tests.read_models import apply, content, insert, require_batches_do_not_matter
from tests.services.cases.examples import CLERK, FATHER, MOTHER, NOW
from tests.services.cases.histories import PEOPLE, lives

MODELS = tuple(model for model in SERVICE.read_models if model is not ERASURE.read_model)  # tests/erasure
COUNTY = "130123000000"


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties and timers: what these tests write is not to be acted upon."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as without_duties:
        yield without_duties


@pytest.mark.parametrize("seed", range(3))
async def test_batches_and_interleaving_make_no_difference(department: Department, seed: int) -> None:
    engine, random = department.engine, Random(seed)
    await require_batches_do_not_matter(engine, MODELS, lives(random, engine.registry), random)


async def test_a_rebuilt_read_model_holds_what_the_living_one_held(
    department: Department, database: DepartmentDatabase
) -> None:
    engine = department.engine
    for stream in lives(Random(7), engine.registry):
        if stream[0].type.startswith("identity."):
            await department.give(stream[0].stream, *(event.data for event in stream))
            continue
        await insert(engine, stream)
        await apply(engine, MODELS, stream)
    assert all((await content(engine, MODELS)).values())
    for model in MODELS:
        assert await differences(database.app_url, model, engine.registry) == []


async def test_people_and_staff_are_as_they_were_last_told(department: Department) -> None:
    pool = department.engine.pool
    assert await find_person(pool, MOTHER) is None
    assert await marriage_of(pool, MOTHER) is None
    for stream, events in PEOPLE.items():
        await department.give(stream, events[0])
    mother, marriage = await find_person(pool, MOTHER), await marriage_of(pool, MOTHER)
    assert mother is not None
    assert marriage is not None
    assert (mother.name, mother.division, mother.phone) == ("季试用", "130123100242", "13800138000")
    assert (marriage.spouse, marriage.licence) == (FATHER, "J130123-2020-000123")
    assert set(await appointed_at(pool, COUNTY, [Role.window])) == {CLERK}
    for stream, events in PEOPLE.items():
        await department.give(stream, *events[1:])
    mother = await find_person(pool, MOTHER)
    assert mother is not None
    assert (mother.name, mother.division) == ("季更正", "130123100200")
    assert await find_person(pool, FATHER) is None
    assert await marriage_of(pool, MOTHER) is None
    assert await appointed_at(pool, COUNTY, [Role.window]) == {}


async def test_with_the_record_of_a_death_withdrawn_he_lives_and_is_married_again(department: Department) -> None:
    pool = department.engine.pool
    for stream, events in PEOPLE.items():
        until_then = [*events][: {f"person-{FATHER}": 3, f"marriage-{CLERK}": 3}.get(stream, len(events))]
        await department.give(stream, *until_then)
    father, marriage = await find_person(pool, FATHER), await marriage_of(pool, MOTHER)
    assert father is not None
    assert marriage is not None
    assert marriage.spouse == FATHER


async def test_where_nothing_is_the_lists_are_empty(department: Department) -> None:
    pool = department.engine.pool
    assert await cases_of(pool, MOTHER, after=Place.last(), limit=9) == []
    assert await open_cases(pool, COUNTY, after=Place.first(), limit=9) == []
    assert await stuck_items(pool, COUNTY, NOW, after=Place.first(), limit=9) == []
    assert await counts(pool, COUNTY) == []


async def test_page_by_page_every_row_comes_once(department: Department) -> None:
    """Items of one case begin at one moment, so the moment alone is no place in the list."""
    engine = department.engine
    for stream in lives(Random(1), engine.registry):
        await apply(engine, MODELS, stream)
    later = NOW + timedelta(days=30)
    after, places = Place.first(), []
    while page := await stuck_items(engine.pool, COUNTY, later, after=after, limit=2):
        places += [one.place for one in page]
        after = page[-1].place
    whole = await stuck_items(engine.pool, COUNTY, later, after=Place.first(), limit=1000)
    assert len({one.since for one in whole}) < len(whole)
    assert places == [one.place for one in whole]
    assert {one.status for one in whole} >= {"asked", "held", "may_retry"}
