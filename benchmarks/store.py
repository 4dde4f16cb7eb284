"""Commands into the store: events, outbox and own read model, while the sequencer numbers what came before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

from benchmarks import applications, departments
from benchmarks.departments import OFFICE_SERVICE, submit_one
from benchmarks.figures import Aim, Case, Contender, Figure, Line, Options, in_turns, ratio
from benchmarks.load import closed_loop
from benchmarks.peers import eventsourcing_library
from benchmarks.peers.bare_inserts import bare_inserts
from benchmarks.servers import Servers

BARE, LIBRARY = "bare INSERTs", "eventsourcing library"
SLOW_DISK = 2000  # microseconds a commit


async def run(servers: Servers, options: Options, *, writers: tuple[int, ...] = (1, 8, 32)) -> AsyncIterator[Case]:
    for count in writers:
        yield await _case(servers, options, count, is_slow=False)
    async with servers.slow_commits(SLOW_DISK):
        yield await _case(servers, options, writers[-1], is_slow=True)


async def _case(servers: Servers, options: Options, writers: int, *, is_slow: bool) -> Case:
    data = applications.payload()
    async with AsyncExitStack() as stack:
        database, theirs = await servers.department(), await servers.department()
        office = await stack.enter_async_context(
            departments.engine(OFFICE_SERVICE, departments.settings(database, servers.directory))
        )
        await office.start()
        insert = await stack.enter_async_context(bare_inserts(theirs.admin_url, writers, data))
        recorder = stack.enter_context(eventsourcing_library.recorder(theirs.admin_url, writers))

        async def ours() -> Figure:
            found = await closed_loop(writers, options.seconds, lambda _: submit_one(office))
            await departments.all_numbered(office)
            return found

        async def limit() -> Figure:
            return await closed_loop(writers, options.seconds, insert)

        async def peer() -> Figure:
            return await asyncio.to_thread(eventsourcing_library.measure, recorder, writers, options.seconds, data)

        for warm_up in (lambda _: submit_one(office), insert):
            await closed_loop(writers, 0.1, warm_up)
        lines = await in_turns(
            (Contender("ours", "ours", ours), Contender(BARE, "limit", limit), Contender(LIBRARY, "peer", peer)),
            options.rounds,
        )
    name = f"{writers} writer{'s' if writers > 1 else ''}" + (", commit_delay 2 ms" if is_slow else "")
    return Case("store", name, "commands/s", lines, _aims(lines, writers, is_slow=is_slow))


def _aims(lines: Sequence[Line], writers: int, *, is_slow: bool) -> tuple[Aim, ...]:
    if writers < 32:
        return ()
    to_bare = Aim(f"of {BARE}", ratio(lines, BARE), 0.8 if is_slow else 1.2)
    to_library = Aim(f"times the {LIBRARY}", ratio(lines, LIBRARY), 5)
    return (to_bare, to_library)
