"""The process: how it starts, refuses to start, and stops."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.ports import free_port
from shared.department.connections import HEADER_COUNT
from tests.department import NOWHERE, SHARING_FILE, key_master_file
from tests.shared.department.served import LOCK
from tests.until import until

Environment = dict[str, str]


@pytest.fixture
def environment(database: DepartmentDatabase) -> Environment:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "NATS_URL": NOWHERE,
        "HTTP_PORT": str(free_port()),
        "SHARING_FILE": str(SHARING_FILE),
        "KEY_MASTER_FILE": str(key_master_file()),
    }


@asynccontextmanager
async def process(environment: Environment, served: str = "served") -> AsyncIterator[Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.shared.department.{served}", env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def end_of(running: Process) -> tuple[int, str, str]:
    out, err = await asyncio.wait_for(running.communicate(), 120)
    assert running.returncode is not None
    return running.returncode, out.decode(), err.decode()


async def is_live(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/live")).status_code == 200
    except httpx.TransportError:
        return False


async def test_missing_settings_are_named_without_a_traceback(environment: Environment) -> None:
    del environment["NATS_URL"], environment["HTTP_PORT"]
    async with process(environment) as running:
        code, _, err = await end_of(running)
    assert (code, err) == (2, "notification cannot start: NATS_URL is missing. HTTP_PORT is missing.\n")


async def test_an_unusable_catalogue_is_named_without_a_traceback(environment: Environment) -> None:
    environment["SHARING_FILE"] = __file__
    async with process(environment) as running:
        code, _, err = await end_of(running)
    assert code == 2
    assert "test_run.py" in err
    assert "Traceback" not in err


async def test_without_a_database_it_says_so_and_ends(environment: Environment) -> None:
    environment["DATABASE_OWNER_URL"] = f"postgresql://x@127.0.0.1:{free_port()}/x"
    async with process(environment) as running:
        code, _, err = await end_of(running)
    assert code == 4
    assert "database does not answer" in err
    assert "Traceback" not in err


async def test_what_is_found_wrong_once_it_listens_ends_it_too(environment: Environment) -> None:
    async with process(environment, "served_in_vain") as running:
        code, _, err = await end_of(running)
    assert (code, err) == (2, "notification cannot start: SIGNING_KEY_FILE: this key was retired.\n")


async def test_the_process_bounds_what_a_connection_may_cost(environment: Environment) -> None:
    base = f"http://127.0.0.1:{environment['HTTP_PORT']}"
    async with process(environment), httpx.AsyncClient(base_url=base, timeout=30) as client:
        await until(lambda: is_live(client), timeout=30, what="the process serves")
        many = {f"x-{number}": "x" for number in range(HEADER_COUNT)}
        refused = await client.get("/health/live", headers=many)
    assert (refused.status_code, refused.json()["code"]) == (431, "headers_too_large")


async def test_a_head_request_is_no_error_in_the_log(environment: Environment) -> None:
    async with (
        process(environment) as running,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{environment['HTTP_PORT']}") as client,
    ):
        await until(lambda: is_live(client))
        for path in ("/health/live", "/schema", "/asyncapi", "/nowhere"):
            head, get = await client.head(path), await client.get(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
        running.terminate()
        _, out, err = await end_of(running)
    assert '"level": "error"' not in out
    assert "Exception" not in out + err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_stopping_finishes_the_request_under_way_and_takes_no_more(
    environment: Environment, database: DepartmentDatabase, stop: signal.Signals
) -> None:
    base = f"http://127.0.0.1:{environment['HTTP_PORT']}"
    holder = await asyncpg.connect(database.admin_url)
    try:
        async with process(environment) as running, httpx.AsyncClient(base_url=base, timeout=30) as client:
            await until(lambda: is_live(client), timeout=30, what="the process serves")
            await holder.execute("select pg_advisory_lock($1)", LOCK)
            under_way = asyncio.create_task(client.get("/slow", headers={"x-correlation-id": "under-way"}))
            waits = "select true from pg_locks where locktype = 'advisory' and objid = $1 and not granted"
            await until(lambda: holder.fetchval(waits, LOCK), what="the request waits for the lock")
            running.send_signal(stop)
            async with httpx.AsyncClient(base_url=base) as another:
                await until(lambda: is_refused(another), what="new connections are refused")
            assert not under_way.done()
            await holder.execute("select pg_advisory_unlock($1)", LOCK)
            assert (await under_way).json() == {"done": "well"}
            code, out, err = await end_of(running)
    finally:
        await holder.close()
    assert (code, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["department"] for line in lines} == {"notification"}
    assert [line["status"] for line in lines if line.get("correlation_id") == "under-way"] == [200]
    assert lines[-1]["event"] == "stopped"


async def is_refused(client: httpx.AsyncClient) -> bool:
    return not await is_live(client)


async def test_it_drains_before_it_takes_no_more(environment: Environment) -> None:
    environment["DRAIN_SECONDS"] = "60"
    base = f"http://127.0.0.1:{environment['HTTP_PORT']}"
    async with process(environment) as running, httpx.AsyncClient(base_url=base, timeout=30) as client:
        await until(lambda: is_live(client), timeout=30, what="the process serves")
        running.terminate()
        await until(lambda: says_it_stops(client), what="it says that it stops")
        answer = await client.get("/slow")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        running.terminate()  # impatient
        code, _, err = await end_of(running)
    assert (code, err) == (0, "")


async def says_it_stops(client: httpx.AsyncClient) -> bool:
    told = await client.get("/health/ready")
    return told.status_code == 503 and bool(told.json().get("is_stopping"))


async def test_a_newer_release_listens_before_it_supersedes(
    environment: Environment, database: DepartmentDatabase
) -> None:
    """Its swap is held up, so that there is time to look."""
    newer = {**environment, "HTTP_PORT": str(free_port())}
    writer = await asyncpg.connect(database.admin_url)
    try:
        async with process(environment), at(environment) as older:
            await until(lambda: is_live(older), timeout=30, what="the older one serves")
            await writer.execute("begin; lock table outbox in row exclusive mode")
            async with process(newer, "served_newer"), at(newer) as younger:
                await until(lambda: turns_away(younger), timeout=30, what="the newer one listens")
                assert (await older.get("/slow")).status_code == 200
                assert not (await older.get("/health/ready")).json()["is_superseded"]
                await writer.execute("rollback")
                await until(lambda: is_live(younger), what="the newer one serves")
                await until(lambda: is_superseded(older), what="the older one is superseded")
    finally:
        await writer.close()


def at(environment: Environment) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{environment['HTTP_PORT']}", timeout=30)


async def turns_away(client: httpx.AsyncClient) -> bool:
    try:
        answer = await client.get("/slow")
    except httpx.TransportError:
        return False
    return answer.status_code == 503 and "retry-after" in answer.headers


async def is_superseded(client: httpx.AsyncClient) -> bool:
    return bool((await client.get("/health/ready")).json()["is_superseded"])
