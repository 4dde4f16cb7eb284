"""While PostgreSQL is away a request is answered with 503 and when to come again; afterwards all is well."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.errors import NotInstalled
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres
from tests.department import running
from tests.shared.department import library
from tests.until import until


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[Postgres]:
    server = Postgres(tmp_path / "postgres", free_port())
    try:
        await server.start()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    yield server
    await server.stop()


async def test_requests_wait_out_a_database_that_is_away(postgres: Postgres, sharing_file: Path) -> None:
    database = await postgres.create_department("library")
    async with (
        running(library.SERVICE, database, sharing_file=sharing_file, contracts=library.CONTRACTS) as department,
        department.client(department.token()) as client,
    ):
        assert (await ask(client)).status_code == 201
        postgres.kill()
        answer = await ask(client)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).json()["database"] is False
        await postgres.start()
        await until(lambda: is_as_before(client), timeout=30, what="requests are served and a leader numbers again")


async def ask(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post(f"/loans/{uuid4()}", json={"title": "史记"}, headers={"Idempotency-Key": str(uuid4())})


async def is_as_before(client: httpx.AsyncClient) -> bool:
    ready = await client.get("/health/ready")
    return (await ask(client)).status_code == 201 and ready.status_code == 200 and ready.json()["is_leading"]
