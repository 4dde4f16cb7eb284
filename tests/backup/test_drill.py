"""The drill: backed up and archived under load, PostgreSQL killed and wiped, restored: what is lost, and for how long.

The figures are printed; RPO: seconds of accepted commands that are gone. RTO: seconds from wiped to serving.
"""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from deploy import known_stack
from deploy.backup import store
from deploy.backup.keys import identities_of, needed_recipients
from deploy.backup.make import make
from deploy.backup.restore import restore
from deploy.backup.servers import Server, embedded
from deploy.runner.stack import Stack
from shared.eventstore.tasks import end
from tests.backup.load import staffed
from tests.until import until

RPO, RTO = 2.0, 180.0  # seconds; the latter on a machine that has much else to do
ENOUGH = 30  # events
RECOVERED = "select count(*) from lost_events where recovered"


def quiet(_: str) -> None:
    pass


def stack_in(data: Path) -> Stack:
    return Stack(data, only=["identity"], archive=data.with_name("backups"), tell=quiet)


def server_of(data: Path) -> Server:
    return embedded(known_stack.find(data, {}), data)


async def test_a_wiped_database_is_restored_under_load(tmp_path: Path) -> None:
    data, to = tmp_path / "stack", tmp_path / "backups"
    async with stack_in(data) as stack:
        await stack.ready()
        load = await staffed(stack)
        async with load.going_on():
            await load.accepts(0, ENOUGH)
            await make(server_of(data), to, needed_recipients(data, None, quiet), tell=quiet)
            middle, at = time.monotonic(), datetime.now(UTC)
            await load.accepts(middle, ENOUGH)
            killed = time.monotonic()
            assert stack.postgres_kept._keeper is not None
            await end(stack.postgres_kept._keeper)  # or it would be started again
            stack.postgres.kill()
    shutil.rmtree(data / "postgres" / "cluster")
    began = time.monotonic()
    identities = identities_of(data, None)
    newest = store.chosen(to, "identity", None)
    await restore(server_of(data), ["identity"], newest, identities, None, tell=quiet)
    async with stack_in(data) as stack:
        await stack.ready()
        served = time.monotonic()
        url = stack.postgres.url("identity")
        lost = await load.lost(url, killed)
        rpo = max((killed - at for at in lost), default=0.0)
        rto = served - began
        print(
            f"\nto the end of the archive: {len(load.accepted)} events accepted, {len(lost)} lost, "
            f"RPO {rpo:.2f} s, RTO {rto:.1f} s"
        )
        assert rpo < RPO
        assert rto < RTO
        assert not load.record.failures
    before = store.chosen(to, "identity", at)
    await restore(server_of(data), ["identity"], before, identities, at, tell=quiet)
    async with stack_in(data) as stack:
        await stack.ready()
        url = stack.postgres.url("identity")
        connection = await asyncpg.connect(url)
        try:
            recovered = await until(lambda: connection.fetchval(RECOVERED), timeout=RTO, what="a new epoch")
        finally:
            await connection.close()
        gone = await load.lost(url, killed)
        print(
            f"to a named moment: {recovered} later events were still at the broker and stored again, {len(gone)} gone"
        )
        assert recovered >= ENOUGH // 2
        assert not gone
