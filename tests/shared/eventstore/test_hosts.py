"""A database on one of several servers is found, whatever is wrong with the others."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.ports import free_port
from shared.eventstore import hosts
from shared.eventstore.database import connect_pool


def beside(database: DepartmentDatabase, port: int) -> str:
    """The address, with another server before the right one."""
    parts = urlsplit(database.app_url)
    login, _, host = parts.netloc.rpartition("@")
    return f"postgresql://{login}@127.0.0.1:{port},{host}{parts.path}?target_session_attrs=read-write"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port on which nobody ever answers, as of a machine without power."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(3):  # more than wait in line: the next one is not answered
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(server.getsockname())
            waiting.append(one)
        yield server.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.fixture
def hanging() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said, as by a server that is frozen."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield server.getsockname()[1]


async def test_a_server_that_refuses_is_passed_over(database: DepartmentDatabase) -> None:
    connection = await hosts.connect(beside(database, free_port()), timeout=10)
    assert await connection.fetchval("select 1") == 1
    await connection.close()


async def test_a_silent_server_is_passed_over(database: DepartmentDatabase, silent: int) -> None:
    async with await connect_pool(beside(database, silent), name="test", max_size=4) as pool:
        assert await pool.fetchval("select 1") == 1


async def test_a_hanging_server_is_passed_over_in_time(database: DepartmentDatabase, hanging: int) -> None:
    began = time.monotonic()
    connection = await hosts.connect(beside(database, hanging), timeout=60)
    assert time.monotonic() - began < 20
    await connection.close()


async def test_no_server_at_all_is_an_os_error() -> None:
    first, second = free_port(), free_port()
    with pytest.raises(OSError):
        await hosts.connect(f"postgresql://nobody@127.0.0.1:{first},127.0.0.1:{second}/none", timeout=5)
