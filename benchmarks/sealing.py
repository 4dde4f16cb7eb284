"""Personal fields sealed, beside the same fields in plain: commands into the store, and a feed taken in."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from timeit import timeit

import nats

from benchmarks import departments
from benchmarks.applications import of_person
from benchmarks.departments import OFFICE_SERVICE, submit_one
from benchmarks.figures import Aim, Case, Contender, Figure, Line, Options, in_turns, ratio
from benchmarks.load import closed_loop
from benchmarks.servers import Servers
from benchmarks.subscription import EVENTS_A_SECOND, filled_feed, take_in
from shared.contracts.person_key import new_key
from shared.department.engine import Engine

WRITERS = 32
PLAIN = "in plain"


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    yield _fields(options)
    yield await _store(servers, options)
    yield await _subscription(servers, options)


def _fields(options: Options) -> Case:
    """One field: a name."""
    key, event, value = new_key(), os.urandom(16), '"郎咸萍"'.encode()
    content = key.seal(value, event, "office.people", "name")["sealed"].partition(".")[2]
    lines = [
        ("sealed", lambda: key.seal(value, event, "office.people", "name")),
        ("opened", lambda: key.open(content, event, "office.people", "name")),
        ("first of a key sealed", lambda: new_key().seal(value, event, "office.people", "name")),
    ]
    times = 10_000
    figures = [
        Line(name, "ours", tuple(Figure(times / timeit(one, number=times)) for _ in range(options.rounds)))
        for name, one in lines
    ]
    return Case("sealing", "one field", "fields/s", tuple(figures))


async def _store(servers: Servers, options: Options) -> Case:
    async with AsyncExitStack() as stack:

        async def office(*, is_sealed: bool) -> Engine:
            given = departments.settings(await servers.department(), servers.directory)
            made = departments.engine(OFFICE_SERVICE, given, is_sealed=is_sealed)
            await (engine := await stack.enter_async_context(made)).start()
            return engine

        async def measured(engine: Engine) -> Figure:
            nth = count()
            found = await closed_loop(WRITERS, options.seconds, lambda _: submit_one(engine, of_person(next(nth))))
            await departments.all_numbered(engine)
            return found

        sealed, plain = await office(is_sealed=True), await office(is_sealed=False)
        for engine in (sealed, plain):
            await closed_loop(WRITERS, 0.1, lambda _: submit_one(engine))  # noqa: B023 - awaited here
        lines = await in_turns(
            (
                Contender("ours", "ours", lambda: measured(sealed)),
                Contender(PLAIN, "limit", lambda: measured(plain)),
            ),
            options.rounds,
        )
    aims = (Aim(f"times {PLAIN}", ratio(lines, PLAIN), 0.9),)
    return Case("sealing", f"store, {WRITERS} writers", "commands/s", lines, aims)


async def _subscription(servers: Servers, options: Options) -> Case:
    events = max(100, int(EVENTS_A_SECOND * options.seconds))
    sealed = await filled_feed(servers, events)
    plain = await filled_feed(servers, events, is_sealed=False)
    client = await nats.connect(servers.nats.url())
    try:
        lines = await in_turns(
            (
                Contender("ours", "ours", lambda: take_in(servers, client, sealed)),
                Contender(PLAIN, "limit", lambda: take_in(servers, client, plain)),
            ),
            options.rounds,
        )
    finally:
        await client.close()
    aims = (Aim(f"times {PLAIN}", ratio(lines, PLAIN), 0.9),)
    return Case("sealing", "subscription, stream filled before", "events/s", lines, aims)
