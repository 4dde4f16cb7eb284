"""A read model rebuilt from all that is stored: how fast alone, and what requests feel of one at its usual pace."""

import asyncio
import math
import random
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from time import perf_counter

import asyncpg

from benchmarks import departments, feed
from benchmarks.applications import payload
from benchmarks.departments import OFFICE_SERVICE
from benchmarks.figures import Aim, Case, Contender, Figure, Options, in_turns, median_rate
from benchmarks.http_client import connections
from benchmarks.load import figure
from benchmarks.servers import Servers
from benchmarks.workers import worker
from benchmarks.workers.worker import Worker
from deploy.embedded.department_database import DepartmentDatabase
from shared.eventstore.pace import POLITE, UNHINDERED, Pace

CONNECTIONS = 8
RATE = 100  # requests/s over all connections: a department at work, not at its limit
PATIENCE = 1800.0  # seconds for one rebuild
IN_SQL = "one statement in PostgreSQL"
UNSERVED = """
create table unserved (
  application text primary key, item text not null, division text not null, submitted timestamptz not null
)
"""
FILL_UNSERVED = """
insert into unserved
select e.stream, e.data ->> 'item', e.data ->> 'division', (e.data ->> 'submitted_at')::timestamptz
from log l join events e on e.stream = l.stream and e.version = l.version
where e.type = 'office.ApplicationSubmitted' order by l.position
"""

Post = Callable[[int], Awaitable[None]]


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    database = await servers.department()
    given = departments.settings(database, servers.directory)
    async with departments.engine(OFFICE_SERVICE, given) as office:
        await feed.fill_log(office, options.events)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(worker.running("office_http", settings=given.model_dump(mode="json")))
        builder = await stack.enter_async_context(worker.running("rebuilder", database_url=given.database_url))
        requests = Requests(http, builder, options)
        await requests.warm_up()
        yield await _speed(database, builder, options)
        yield await _felt(requests, options)


async def _speed(database: DepartmentDatabase, builder: Worker, options: Options) -> Case:
    async def ours() -> Figure:
        return await rebuilt(builder, UNHINDERED)

    async def limit() -> Figure:
        connection = await asyncpg.connect(database.admin_url)
        try:
            await connection.execute(UNSERVED)
            begin = perf_counter()
            done = await connection.execute(FILL_UNSERVED)
            elapsed = perf_counter() - begin
            await connection.execute("drop table unserved")
        finally:
            await connection.close()
        return Figure(int(done.split()[-1]) / elapsed)

    lines = await in_turns((Contender("ours", "ours", ours), Contender(IN_SQL, "limit", limit)), options.rounds)
    aims = (Aim("events/s", median_rate(lines), 75_000),)
    return Case("rebuild", f"{options.events:,} events, nothing else to do", "events/s", lines, aims)


async def _felt(requests: "Requests", options: Options) -> Case:
    lines = await in_turns(
        (
            Contender("requests, rebuild running", "ours", requests.with_rebuild),
            Contender("requests alone", "limit", requests.alone),
        ),
        options.rounds,
    )
    alone, beside = (statistics.median(times) for times in (requests.p95_alone, requests.p95_with_rebuild))
    aims = (Aim("times the p95 of requests alone", beside / alone, 1.5, at_least=False),)
    notes = (
        f"p95 {alone * 1e3:.2f} ms alone, {beside * 1e3:.2f} ms with the rebuild",
        f"the rebuild at its usual pace: {statistics.median(requests.rebuilt):,.0f} events/s",
    )
    return Case("rebuild", f"{RATE} requests/s meanwhile", "requests/s", lines, aims, notes)


async def rebuilt(builder: Worker, pace: Pace) -> Figure:
    await builder.tell({"share": pace.share})
    told = await builder.hear(within=PATIENCE)
    return Figure(told["events"] / told["seconds"])


class Requests:
    """An even load, with and without a rebuild beside it."""

    def __init__(self, http: Worker, builder: Worker, options: Options) -> None:
        self._http = http
        self._builder = builder
        self._options = options
        self._rng = random.Random(options.seed)
        self.p95_alone: list[float] = []  # seconds, by round
        self.p95_with_rebuild: list[float] = []
        self.rebuilt: list[float] = []  # events/s

    async def warm_up(self) -> None:
        await self._until(asyncio.create_task(asyncio.sleep(0.3)))

    async def alone(self) -> Figure:
        enough = asyncio.create_task(asyncio.sleep(self._options.seconds))
        found, p95 = await self._until(enough)
        self.p95_alone.append(p95)
        return found

    async def with_rebuild(self) -> Figure:
        rebuilding = asyncio.create_task(rebuilt(self._builder, POLITE))
        found, p95 = await self._until(rebuilding)
        self.p95_with_rebuild.append(p95)
        self.rebuilt.append((await rebuilding).rate or 0.0)
        return found

    async def _until(self, ended: asyncio.Task[object] | asyncio.Task[Figure]) -> tuple[Figure, float]:
        """Each connection sends, and rests for a random while."""
        latencies: list[float] = []

        async def send(post: Post, connection: int) -> None:
            while not ended.done():
                begin = perf_counter()
                await post(connection)
                latencies.append(perf_counter() - begin)
                await asyncio.sleep(self._rng.expovariate(RATE / CONNECTIONS))

        port, token = self._http.facts["port"], self._http.facts["token"]
        # anew each time: the department closes those that are idle between two measurements
        async with connections(port, "/applications", payload(), token, CONNECTIONS) as post:
            begin = perf_counter()
            async with asyncio.TaskGroup() as group:
                for connection in range(CONNECTIONS):
                    group.create_task(send(post, connection))
            elapsed = perf_counter() - begin
        p95 = sorted(latencies)[math.ceil(len(latencies) * 0.95) - 1]
        return figure(latencies, elapsed), p95
