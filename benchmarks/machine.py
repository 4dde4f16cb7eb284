"""What it was measured on, without which no figure means anything."""

import asyncio
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import asyncpg
import psutil

from benchmarks.servers import Servers
from deploy.embedded.nats import nats_binary

PACKAGES = (
    *("asyncpg", "nats-py", "faststream", "litestar", "uvicorn", "uvloop", "pydantic"),
    *("eventsourcing", "psycopg", "psycopg-binary"),
)
FSYNCS = 200
PAGE = 8192  # bytes; what PostgreSQL writes


@dataclass(frozen=True)
class Machine:
    processor: str
    cores: int
    memory_gib: float
    loop_ns: float  # an addition in a Python loop: how fast a core is at this moment
    busy: float  # other programs' load before the first measurement: processes that want a core
    fdatasync_us: float  # median of writing and syncing one page beside the servers' data
    fdatasync_p99_us: float
    versions: dict[str, str]


async def look(servers: Servers) -> Machine:
    times = sorted(_sync_times(servers.directory / "fdatasync"))
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 1024**3, 1),
        loop_ns=round(min(_loop_times()), 1),
        busy=round(os.getloadavg()[0], 2),
        fdatasync_us=round(statistics.median(times) * 1e6, 1),
        fdatasync_p99_us=round(times[int(len(times) * 0.99)] * 1e6, 1),
        versions=await _versions(servers),
    )


def _loop_times() -> Iterator[float]:
    turns = 200_000
    for _ in range(5):
        begin = perf_counter()
        total = 0
        for number in range(turns):
            total += number
        yield (perf_counter() - begin) / turns * 1e9


def _sync_times(file: Path) -> list[float]:
    """As pg_test_fsync does it: overwrite a page in place, fdatasync, again."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    sync = getattr(os, "fdatasync", os.fsync)  # macOS has none
    try:
        os.pwrite(descriptor, bytes(PAGE), 0)
        os.fsync(descriptor)
        times = []
        for number in range(FSYNCS):
            begin = perf_counter()
            os.pwrite(descriptor, bytes([number % 256]) * PAGE, 0)
            sync(descriptor)
            times.append(perf_counter() - begin)
        return times
    finally:
        os.close(descriptor)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


async def _versions(servers: Servers) -> dict[str, str]:
    connection = await asyncpg.connect(servers.postgres.url())
    try:
        postgres = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    nats = await asyncio.create_subprocess_exec(nats_binary(), "--version", stdout=asyncio.subprocess.PIPE)
    told, _ = await nats.communicate()
    return {
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": postgres,
        "nats-server": told.decode().rpartition("v")[2].strip(),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
