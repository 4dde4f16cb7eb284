"""Readers stop and start with leadership, whole; the broker may be several servers."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.eventstore.tasks import ASK_AGAIN
from tests import sample
from tests.sample import CUSTOMS_SERVICE, NOWHERE
from tests.until import until


async def test_readers_read_on_after_leadership_was_lost_though_they_are_slow_to_stop(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ends a task asks again when it takes long, and that must not leave a reader half stopped."""
    stop = BatchPullStreamSubscriber.stop
    stopped = []

    async def slow(reader: BatchPullStreamSubscriber) -> None:
        await asyncio.sleep(3 * ASK_AGAIN)
        await stop(reader)
        stopped.append(reader)

    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, own_nats.url()) as customs:
        [reader] = customs._readers.values()

        def reads() -> bool:
            return customs.state().is_leading and any(not task.done() for task in reader.tasks)

        await until(reads, what="the leader reads")
        first = reader.tasks[0]
        monkeypatch.setattr(BatchPullStreamSubscriber, "stop", slow)
        connection = await asyncpg.connect(database.admin_url)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'customs leader'"
        )
        await connection.close()
        await until(lambda: stopped, what="the reader has stopped with the leadership")
        await until(reads, what="it reads again")
        assert first.done()
        assert first not in reader.tasks
        monkeypatch.undo()


async def test_of_several_addresses_one_that_answers_is_enough(
    database: DepartmentDatabase, tmp_path: Path, own_nats: Nats
) -> None:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, f"{NOWHERE},{own_nats.url()}") as customs:
        await until(lambda: customs.state().broker_connected, what="it is connected to the second")
