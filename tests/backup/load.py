"""Registrars who enter people one after the other, and remember what was accepted, and when."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import httpx

from deploy.runner.stack import Stack
from deploy.seed.plant import plant, sign_in
from deploy.seed.samples import sample_staff
from shared.eventstore.tasks import end
from tests.faults.commands import Client, Record
from tests.faults.load import id_numbers, newcomers
from tests.until import until

REGISTRAR = "zhengding.registrar"
AT_ONCE = 4
PRESENT = "select id from events where id = any($1::uuid[])"


class Load:
    """`accepted`: events that answers told, with the moment of the answer (monotonic)."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._numbers = id_numbers()
        self.record = Record()
        self.accepted: list[tuple[UUID, float]] = []
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """A command that is not answered is sent again, whatever happens to the department meanwhile."""
        address = self._stack.addresses["identity"]
        async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as http:
            headers = await sign_in(http, REGISTRAR, self._stack.secrets)
        token = next(iter(headers.values())).removeprefix("Bearer ")
        tasks = self._tasks = [asyncio.create_task(self._work(address, token)) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            for task in tasks:
                await end(task)

    async def _work(self, address: str, token: str) -> None:
        record = Record()
        client = Client({"identity": address}, record, random.Random(1))
        try:
            while True:
                answer = await client.command("identity", "/people", newcomers(self._numbers, 1)[0], token)
                assert answer is not None, record.failures or record.statuses
                now = time.monotonic()
                self.accepted += [(event, now) for event in record.commands[-1].accepted]
        finally:
            self.record.failures += record.failures
            await client.close()

    async def accepts(self, after: float, events: int = 1, within: float = 180.0) -> float:
        """Wait until so many were accepted later than that. Returns when the first of them was."""

        def is_so() -> bool:
            for task in self._tasks:
                if task.done():
                    task.result()
            return sum(at > after for _, at in self.accepted) >= events

        await until(is_so, timeout=within, what="commands are accepted")
        return min(at for _, at in self.accepted if at > after)

    async def lost(self, url: str, before: float) -> list[float]:
        """When those events were accepted that are not there any more."""
        mine = {event: at for event, at in self.accepted if at <= before}
        connection = await asyncpg.connect(url)
        try:
            there = {row["id"] for row in await connection.fetch(PRESENT, list(mine))}
        finally:
            await connection.close()
        return [at for event, at in mine.items() if event not in there]


async def staffed(stack: Stack) -> Load:
    """With a registrar, and nobody else."""
    staff = [one for one in sample_staff() if one.login == REGISTRAR]
    await plant(stack.addresses["identity"], stack.secrets, staff, [])
    return Load(stack)
