"""Until it is known what others hold of our history, nothing is told of it, by no instance."""

import asyncio
from pathlib import Path

import pytest
from nats.aio.client import Client

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.continuity import keeper
from shared.continuity.claims import Claim
from shared.continuity.own_streams import OwnStream
from shared.eventstore.aggregate import Context
from tests import sample
from tests.connected import connected
from tests.sample import HARBOUR_SERVICE, SHIP, Arrive
from tests.shared.continuity.port import KEY
from tests.until import until

QUESTIONS = (("history.local.harbour.ships", b'{"after": 0}'), ("ledger.local.harbour", b'{"after": 0, "until": 9}'))


async def test_nothing_is_told_or_numbered_before_others_were_asked(
    database: DepartmentDatabase, own_nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_look, looked = asyncio.Event(), asyncio.Event()

    class Slow(OwnStream):
        async def page(self, client: Client) -> tuple[list[Claim], bool]:
            looked.set()
            await may_look.wait()
            return await super().page(client)

    monkeypatch.setattr(keeper, "OwnStream", Slow)
    url = own_nats.url()
    async with (
        sample.engine(HARBOUR_SERVICE, database, tmp_path, url, ledger_key=KEY) as harbour,
        sample.engine(HARBOUR_SERVICE, database, tmp_path, url, ledger_key=KEY),
        connected(url) as client,
    ):
        await looked.wait()
        await harbour.store.execute("ship-a", SHIP, Arrive(1), Context())
        for subject, question in QUESTIONS * 4:  # the instances share the work
            assert (await client.request(subject, question, timeout=5)).data == b'{"error": "not ready"}'
        assert await harbour.pool.fetchval("select count(*) from log") == 0, "commands are taken, and wait"
        may_look.set()
        await until(lambda: harbour.pool.fetchval("select count(*) from log"), what="it is numbered")

        async def all_answer() -> bool:
            return not any([b"not ready" in (await client.request(*one, timeout=5)).data for one in QUESTIONS * 4])

        await until(all_answer, what="each instance answers")


async def test_without_a_broker_numbering_begins_soon(database: DepartmentDatabase, tmp_path: Path) -> None:
    async with sample.engine(HARBOUR_SERVICE, database, tmp_path) as harbour:
        await harbour.store.execute("ship-a", SHIP, Arrive(1), Context())
        await until(lambda: harbour.pool.fetchval("select count(*) from log"), what="it is numbered")
