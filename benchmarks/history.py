"""A department joins late: everything from event 1, then gap-free into live, while the provider works on.

Once with a broker that holds it all, once from the provider's history alone, as after a wiped broker.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter

import asyncpg
import nats

from benchmarks import departments, feed
from benchmarks.departments import ARCHIVE_SERVICE, FEED, OFFICE_SERVICE
from benchmarks.figures import Case, Contender, Figure, Options, in_turns
from benchmarks.servers import Servers
from benchmarks.workers import worker
from benchmarks.workers.worker import Worker
from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.department.settings import Settings
from shared.eventstore.wake import Wake
from shared.messaging.subscription import Subscription

RATE = 100  # commands/s at the provider meanwhile
ROUNDS = 1  # one join of many events tells more than three of few
PATIENCE = 1800.0  # seconds
LOGGED = "select coalesce(max(sequence), 0) from log where feed = $1"
PUBLISHED = "select coalesce(max(published), 0) from relay"
LAST = "select max(sequence) from inbox"
GIVEN = "select count(*) from inbox"


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    own = await servers.department()
    given = departments.settings(own, servers.directory)
    async with departments.engine(OFFICE_SERVICE, given) as office:
        await feed.fill_log(office, options.events)
    settings = departments.settings(own, servers.directory, servers.nats.url())
    async with worker.running("department", service="office", settings=settings.model_dump(mode="json")) as running:
        await _until(own, PUBLISHED, lambda published: published >= options.events)
        provider = Provider(running, own, options)

        async def join() -> Figure:
            async with departments.engine(ARCHIVE_SERVICE, await _archive(servers)) as archive:
                return await provider.joined(archive, archive.start)

        async def history_alone() -> Figure:
            async with AsyncExitStack() as stack:
                archive = await stack.enter_async_context(departments.engine(ARCHIVE_SERVICE, await _archive(servers)))
                subscription = await stack.enter_async_context(_asking(archive, servers.nats.url()))
                return await provider.joined(archive, lambda: _catch_up(subscription))

        lines = await in_turns(
            (
                Contender("ours, broker and history", "ours", join),
                Contender("ours, history alone", "ours", history_alone),
            ),
            ROUNDS,
        )
    notes = (f"gap-free: {provider.events:,} events from 1 to the head, {RATE} a second written meanwhile",)
    yield Case("history", f"a new department, {options.events:,} events", "events/s", lines, notes=notes)


class Provider:
    """The office, working on while somebody joins."""

    def __init__(self, office: Worker, database: DepartmentDatabase, options: Options) -> None:
        self._office = office
        self._database = database
        self._options = options
        self.events = 0  # in the last join

    async def joined(self, archive: Engine, begin: Callable[[], Awaitable[None]]) -> Figure:
        """From nothing to the head, as it stands when the load has ended. Raises when anything is missing."""
        load = {"rate": RATE, "seconds": self._options.seconds, "seed": self._options.seed}
        await self._office.tell(load)
        started = perf_counter()
        joining = asyncio.ensure_future(begin())
        await self._office.hear()
        head = await _until(self._database, LOGGED, lambda n: n >= self._options.events, FEED.local_name)
        async with asyncio.timeout(PATIENCE):
            while await archive.pool.fetchval(LAST) != head:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
        elapsed = perf_counter() - started
        await joining
        if (missing := head - await archive.pool.fetchval(GIVEN)) != 0:
            raise RuntimeError(f"{missing} events are missing")
        self.events = head
        return Figure(head / elapsed)


async def _archive(servers: Servers) -> Settings:
    return departments.settings(await servers.department(), servers.directory, servers.nats.url())


async def _catch_up(subscription: Subscription) -> None:
    """Until nothing more comes, as heads would ask again."""
    while await subscription.catch_up():
        pass


@asynccontextmanager
async def _asking(archive: Engine, nats_url: str) -> AsyncIterator[Subscription]:
    """The archive's intake with nothing but history to live on."""
    client = await nats.connect(nats_url)
    try:
        yield Subscription(FEED.full_name, archive.pool, archive.handling, Wake(), lambda: client)
    finally:
        await client.close()


async def _until(database: DepartmentDatabase, query: str, found: Callable[[int], bool], *arguments: object) -> int:
    connection = await asyncpg.connect(database.admin_url)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await connection.fetchval("select not exists (select from outbox)"):
                    value: int = await connection.fetchval(query, *arguments)
                    if found(value):
                        return value
                await asyncio.sleep(0.05)
    finally:
        await connection.close()
