"""The `eventsourcing` library: its own PostgreSQL recorder in threads, no read model, nothing around it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from benchmarks.figures import Figure
from benchmarks.load import figure


@contextmanager
def recorder(url: str, writers: int) -> Iterator[PostgresApplicationRecorder]:
    """One connection a writer."""
    parts = urlsplit(url)
    with PostgresDatastore(
        dbname=parts.path.lstrip("/"),
        host=parts.hostname or "",
        port=parts.port or 5432,
        user=parts.username or "",
        password=parts.password or "",
        pool_size=writers,
    ) as datastore:
        made = PostgresApplicationRecorder(datastore)
        made.create_table()
        datastore.pool.wait()
        yield made


def measure(to: PostgresApplicationRecorder, writers: int, seconds: float, data: str) -> Figure:
    """Each writer stores the first event of one new aggregate after the other. Blocks: call it in a thread."""
    state = data.encode()
    end = perf_counter() + seconds

    def write() -> list[float]:
        latencies: list[float] = []
        while (begin := perf_counter()) < end:
            to.insert_events([StoredEvent(uuid4(), 1, "benchmarks:ApplicationSubmitted", state)])
            latencies.append(perf_counter() - begin)
        return latencies

    begin = perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        written = [threads.submit(write) for _ in range(writers)]
    return figure([one for each in written for one in each.result()], perf_counter() - begin)
