"""Counting with a bound."""

import asyncio
from datetime import UTC, datetime, timedelta

from shared.department.counts import Counts, Limit
from tests.department import Department

NOW = datetime.now(UTC) + timedelta(days=1)  # what is past is swept meanwhile
MINUTE = timedelta(minutes=1)


def counts(department: Department) -> Counts:
    return Counts(department.engine.pool, b"a secret")


async def test_a_window_counts_from_its_first(department: Department) -> None:
    limit = Limit("windows", 2, MINUTE)
    of = counts(department)
    within = [(await of.count(NOW + n * MINUTE / 4, (limit, "a")))[0].is_over for n in range(4)]
    [later] = await of.count(NOW + MINUTE, (limit, "a"))

    assert within == [False, False, True, True]
    assert (later.count, later.until) == (1, NOW + 2 * MINUTE)


async def test_what_need_not_have_counted_is_given_back(department: Department) -> None:
    limit, other = Limit("given back", 2, MINUTE), Limit("given back too", 2, MINUTE)
    of = counts(department)
    await of.count(NOW, (limit, "a"), (other, "a"))
    await of.give_back(NOW, (limit, "a"), (other, "a"))
    await of.give_back(NOW, (limit, "a"))
    told = await of.count(NOW, (limit, "a"), (other, "a"))

    assert [one.count for one in told] == [1, 1]


async def test_all_at_once_are_all_counted(department: Department) -> None:
    limit = Limit("at once", 1, MINUTE)
    of = counts(department)
    told = await asyncio.gather(*(of.count(NOW, (limit, "a")) for _ in range(20)))

    assert sorted(one.count for [one] in told) == list(range(1, 21))


async def test_strangers_names_never_make_more_rows_than_keys(department: Department) -> None:
    limit = Limit("few rows", 5, MINUTE, bits=6)
    of = counts(department)
    for n in range(500):
        await of.count(NOW, (limit, f"name {n}"))

    rows = await department.engine.pool.fetchval("select count(*) from counts where kind = 'few rows'")
    assert 32 < rows <= 64


async def test_forgotten_it_counts_from_nothing(department: Department) -> None:
    limit = Limit("forgotten", 2, MINUTE)
    of = counts(department)
    await of.count(NOW, (limit, "a"))
    await of.forget(limit, "a")

    assert (await of.count(NOW, (limit, "a")))[0].count == 1
