"""PostgreSQL and NATS in Docker, by the official images."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import nats
import nats.errors
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from tests.until import until

POSTGRES_IMAGE = "postgres:18"
NATS_IMAGE = "nats:2.15"
_NATS_CONFIG = b"jetstream { store_dir: /data, sync_interval: always }\n"


def docker_has(image: str) -> bool:
    """Whether a Docker engine answers and has, or can pull, the image and the one that cleans up after it."""
    needed = [image] if testcontainers_config.ryuk_disabled else [image, testcontainers_config.ryuk_image]
    try:
        images = DockerClient(timeout=30).client.images
        for name in needed:
            try:
                images.get(name)
            except ImageNotFound:
                images.pull(name)
    except (DockerException, OSError):
        return False
    return True


@asynccontextmanager
async def postgres_in_docker() -> AsyncIterator[str]:
    """The URL of its superuser; removed afterwards."""
    password = secrets.token_urlsafe(16)
    container = DockerContainer(POSTGRES_IMAGE).with_exposed_ports(5432)
    container.with_env("POSTGRES_PASSWORD", password).with_command(["-c", "max_connections=200"])
    with container:
        url = f"postgresql://postgres:{password}@{_address(container, 5432)}/postgres"
        await until(lambda: _postgres_answers(url), timeout=60, every=0.1, what="PostgreSQL in Docker")
        yield url


@asynccontextmanager
async def nats_in_docker() -> AsyncIterator[str]:
    """Its URL, no login; removed afterwards."""
    container = DockerContainer(NATS_IMAGE).with_exposed_ports(4222)
    container.with_copy_into_container(_NATS_CONFIG, "/tongban.conf")
    container.with_command(["--config", "/tongban.conf"])
    with container:
        url = f"nats://{_address(container, 4222)}"
        await until(lambda: _nats_answers(url), timeout=60, every=0.1, what="NATS in Docker")
        yield url


def _address(container: DockerContainer, port: int) -> str:
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


async def _postgres_answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True


async def _nats_answers(url: str) -> bool:
    try:
        connection = await nats.connect(url, allow_reconnect=False)
    except (OSError, nats.errors.Error):
        return False
    await connection.close()
    return True
