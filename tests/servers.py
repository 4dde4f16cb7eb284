"""Which PostgreSQL and NATS the tests use.

Those that DATABASE_URL and NATS_URL name, else Docker's where an engine answers, else embedded ones.
"""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import Postgres

Source = Literal["environment", "docker", "embedded"]


@dataclass(frozen=True)
class Server:
    """A running server, where its administrator logs in, and who provides it."""

    url: str
    source: Source


@asynccontextmanager
async def running_postgres() -> AsyncIterator[Server]:
    """Stopped afterwards, unless it was there before. One from DATABASE_URL: CREATEDB and CREATEROLE needed."""
    if given := os.environ.get("DATABASE_URL"):
        yield Server(given, "environment")
        return
    from tests import docker_servers  # half a second to import, so only when a test asks for a server

    if docker_servers.docker_has(docker_servers.POSTGRES_IMAGE):
        async with docker_servers.postgres_in_docker() as url:
            yield Server(url, "docker")
        return
    with tempfile.TemporaryDirectory(prefix="tongban-tests-") as directory:
        server = Postgres(Path(directory), free_port())
        await server.start()
        try:
            yield Server(server.url(), "embedded")
        finally:
            await server.stop()


@asynccontextmanager
async def running_nats() -> AsyncIterator[Server]:
    """Stopped afterwards, unless it was there before."""
    if given := os.environ.get("NATS_URL"):
        yield Server(given, "environment")
        return
    from tests import docker_servers  # as above

    if docker_servers.docker_has(docker_servers.NATS_IMAGE):
        async with docker_servers.nats_in_docker() as url:
            yield Server(url, "docker")
        return
    async with embedded_nats() as server:
        yield Server(server.url(), "embedded")


@asynccontextmanager
async def embedded_nats() -> AsyncIterator[Nats]:
    """An embedded server with a port and a store of its own."""
    with tempfile.TemporaryDirectory(prefix="tongban-tests-") as directory:
        server = Nats(Path(directory), free_port())
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
