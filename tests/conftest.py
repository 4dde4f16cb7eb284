"""Servers and databases for every test that asks for them; a test that asks for none starts none."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.errors import NotInstalled
from deploy.embedded.nats import Nats, nats_binary
from tests.databases import Databases
from tests.servers import Server, embedded_nats, running_nats, running_postgres

_SERVERS = pytest.StashKey[set[str]]()
_WORKER = "servers"  # the key under which an xdist worker tells the main process


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SERVERS] = set()


def _servers(config: pytest.Config) -> set[str]:
    return config.stash[_SERVERS]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (worker := getattr(session.config, "workeroutput", None)) is not None:
        worker[_WORKER] = sorted(_servers(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_SERVERS].update(getattr(node, "workeroutput", {}).get(_WORKER, ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    # not in the header: `-q` hides that, and a server is chosen only when a test asks for one
    if servers := ", ".join(sorted(_servers(config))):
        terminalreporter.write_line(f"servers: {servers}")


def _note(config: pytest.Config, name: str, server: Server) -> None:
    config.stash[_SERVERS].add(f"{name} ({server.source})")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What a command line sets up in this process ends with its test; the next one hears every level again."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
async def postgres_server(pytestconfig: pytest.Config) -> AsyncIterator[Server]:
    """The session's PostgreSQL."""
    async with running_postgres() as server:
        _note(pytestconfig, "PostgreSQL", server)
        yield server


@pytest.fixture(scope="session")
async def nats_server(pytestconfig: pytest.Config) -> AsyncIterator[Server]:
    """The session's nats-server, shared: give streams and subjects names of your own."""
    async with running_nats() as server:
        _note(pytestconfig, "NATS", server)
        yield server


@pytest.fixture(scope="session")
async def databases(postgres_server: Server) -> AsyncIterator[Databases]:
    """For tests that need several databases: `async with databases.fresh() as one:`."""
    of_server = Databases(postgres_server.url)
    yield of_server
    if postgres_server.source == "environment":  # the others go with their server
        await of_server.drop_all()


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[DepartmentDatabase]:
    """An empty database with an owner and an application role."""
    async with databases.fresh() as fresh:
        yield fresh


@pytest.fixture
def nats_url(nats_server: Server) -> str:
    """Where the session's nats-server is."""
    return nats_server.url


@pytest.fixture
async def own_nats() -> AsyncIterator[Nats]:
    """An embedded nats-server of this test's own, to be killed and wiped at will."""
    try:
        nats_binary()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    async with embedded_nats() as server:
        yield server
