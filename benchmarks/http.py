"""A full command over HTTP: token checked, decided, appended, read model written, one line logged."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from benchmarks import departments
from benchmarks.applications import payload
from benchmarks.figures import Aim, Case, Contender, Options, in_turns, ratio
from benchmarks.http_client import connections
from benchmarks.load import closed_loop
from benchmarks.servers import Servers
from benchmarks.workers import worker

BARE = "bare Litestar, one INSERT"
CONNECTIONS = 32


async def run(servers: Servers, options: Options) -> AsyncIterator[Case]:
    async with AsyncExitStack() as stack:
        given = departments.settings(await servers.department(), servers.directory)
        database = await servers.department()
        workers = {
            "ours": worker.running("office_http", settings=given.model_dump(mode="json")),
            BARE: worker.running("bare_http", database_url=database.admin_url),
        }
        post = {}
        for name, running in workers.items():
            facts = (await stack.enter_async_context(running)).facts
            post[name] = await stack.enter_async_context(
                connections(facts["port"], "/applications", payload(), facts["token"], CONNECTIONS)
            )
            await closed_loop(CONNECTIONS, 0.3, post[name])  # warm
        lines = await in_turns(
            (
                Contender("ours", "ours", lambda: closed_loop(CONNECTIONS, options.seconds, post["ours"])),
                Contender(BARE, "limit", lambda: closed_loop(CONNECTIONS, options.seconds, post[BARE])),
            ),
            options.rounds,
        )
    aims = (Aim(f"of {BARE}", ratio(lines, BARE), 0.5),)
    yield Case("http", f"a command, {CONNECTIONS} connections", "requests/s", lines, aims)
