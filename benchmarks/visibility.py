"""Commit in one department -> visible in another: store, sequencer, relay, broker, subscription, each in earnest.

PostgreSQL itself tells when it committed each event here and there (`track_commit_timestamp`), so nothing watches.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import asyncpg
import nats

from benchmarks import departments, feed
from benchmarks.departments import ARCHIVE_SERVICE, OFFICE_SERVICE
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, percentiles
from benchmarks.peers.bare_chain import bare_chain
from benchmarks.servers import Servers
from benchmarks.workers import worker
from benchmarks.workers.worker import Worker
from deploy.embedded.department_database import DepartmentDatabase

IDLE, BUSY = 20, 2000  # commands/s, Poisson arrivals
IDLE_LONGER = 2  # times as many seconds: there are few events
COMMITTED = """
select l.sequence, pg_xact_commit_timestamp(e.xmin) as at
from log l join events e on e.stream = l.stream and e.version = l.version where l.sequence > $1
"""
VISIBLE = "select sequence, pg_xact_commit_timestamp(xmin) as at from inbox where sequence > $1"
ARRIVED = "select count(*) from inbox"
TIMEOUT = 60.0  # seconds until everything is visible


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    async with AsyncExitStack() as stack:
        client = await nats.connect(servers.nats.url())
        stack.push_async_callback(client.close)
        await feed.new_stream(client, ARCHIVE_SERVICE.name)
        chain = await stack.enter_async_context(bare_chain(await servers.department(), client))
        office = await stack.enter_async_context(
            _department(servers, OFFICE_SERVICE.name, own := await servers.department())
        )
        await stack.enter_async_context(_department(servers, ARCHIVE_SERVICE.name, other := await servers.department()))
        journey = Journey(office, own, other, options.seed)
        await journey.measure(IDLE, 0.5)

        async def idle() -> Figure:
            return await journey.measure(IDLE, options.seconds * IDLE_LONGER)

        async def busy() -> Figure:
            return await journey.measure(BUSY, options.seconds)

        async def limit() -> Figure:
            return await chain(options.seconds)

        lines = await in_turns(
            (
                Contender("ours, idle", "ours", idle),
                Contender(f"ours, {BUSY} events/s", "ours", busy),
                Contender("INSERT, publish, receive, INSERT", "limit", limit),
            ),
            options.rounds,
        )
    quiet, loaded, _ = lines
    aims = (
        Aim("ms at the median, idle", quiet.p50 or 0.0, 8, at_least=False),
        Aim(f"ms for 99 of 100 at {BUSY} events/s", loaded.p99 or 0.0, 50, at_least=False),
    )
    yield Case("visibility", "commit to visible, two processes", "events/s", lines, aims)


def _department(servers: Servers, service: str, database: DepartmentDatabase) -> AbstractAsyncContextManager[Worker]:
    given = departments.settings(database, servers.directory, servers.nats.url())
    return worker.running("department", service=service, settings=given.model_dump(mode="json"))


class Journey:
    """Loads the office and compares both departments' commit times."""

    def __init__(self, office: Worker, own: DepartmentDatabase, other: DepartmentDatabase, seed: int) -> None:
        self._office = office
        self._own = own
        self._other = other
        self._seed = seed
        self._known = 0  # events of earlier measurements

    async def measure(self, rate: float, seconds: float) -> Figure:
        self._seed += 1
        await self._office.tell({"rate": rate, "seconds": seconds, "seed": self._seed})
        sent: int = await self._office.hear()
        own = await asyncpg.connect(self._own.admin_url)
        other = await asyncpg.connect(self._other.admin_url)
        try:
            async with asyncio.timeout(TIMEOUT):
                while await other.fetchval(ARRIVED) < self._known + sent:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
            committed = {row["sequence"]: row["at"] for row in await own.fetch(COMMITTED, self._known)}
            visible = {row["sequence"]: row["at"] for row in await other.fetch(VISIBLE, self._known)}
        finally:
            await own.close()
            await other.close()
        self._known += sent
        delays = [(visible[sequence] - at).total_seconds() for sequence, at in committed.items()]
        elapsed = (max(visible.values()) - min(committed.values())).total_seconds()
        return Figure(sent / elapsed, *percentiles(delays))
