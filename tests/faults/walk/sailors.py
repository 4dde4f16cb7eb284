"""People at work in the small world: ships arrive, are unloaded and noted, each command repeated until answered."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from shared.eventstore.tasks import end
from tests.faults.commands import Command
from tests.faults.walk.department import Order, ids_in, on_the_wire

AT_ONCE = 3
PAUSE = 0.02  # seconds between commands of one sailor
AGAIN = 0.05
ONE_TRY = 5.0
ASK_AGAIN = 0.1  # of the accepted commands are sent once more, as if the answer had been lost
SHIPS = 12  # that are in the harbour at once
FORGET = 0.03  # of the orders: a ship that has left before this load began is forgotten
GRACE = 60.0  # seconds that a command under way may take once the load has ended


@dataclass
class Sailors:
    """`addresses` of harbour's instances; `commands`: everything sent since the world began."""

    addresses: Callable[[], list[int]]
    rng: random.Random
    commands: list[Command] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    denied: list[Command] = field(default_factory=list)  # accepted, then refused under the same key
    forgotten: set[str] = field(default_factory=set)  # ships that were asked to be
    _numbers: Any = field(default_factory=count)
    _ships: int = 0
    _left: int = 0  # ships of which nothing is under way any more
    _forgotten: int = 0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """They finish at the end what they have begun."""
        ended = asyncio.Event()
        self._left = self._ships - SHIPS - 1
        tasks = [asyncio.create_task(self._work(ended)) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            ended.set()
            try:
                async with asyncio.timeout(GRACE):
                    await asyncio.gather(*tasks)
            except TimeoutError:
                self.failures.append(f"a command was not answered within {GRACE:g} s")
            for task in tasks:
                await end(task)

    @property
    def accepted(self) -> int:
        return sum(bool(command.told) for command in self.commands)

    async def _work(self, ended: asyncio.Event) -> None:
        while not ended.is_set():
            await self._send(self._order())
            await asyncio.sleep(PAUSE)

    def _order(self) -> Order:
        chance, key = self.rng.random(), f"order {next(self._numbers)}"
        if not self._ships or chance < 0.2:
            self._ships += 1
            return Order(key, stream_of(self._ships), "arrive", 100)
        if self._forgotten < self._left and chance > 1 - FORGET:
            self._forgotten = min(self._left, self._forgotten + self.rng.randint(1, 3))
            self.forgotten.add(str(UUID(int=self._forgotten)))
            return Order(key, stream_of(self._forgotten), "forget", at=datetime.now(UTC).isoformat())
        stream = stream_of(self.rng.randint(max(1, self._ships - SHIPS), self._ships))
        return Order(key, stream, "unload", self.rng.randint(1, 3)) if chance < 0.8 else Order(key, stream, "bread")

    async def _send(self, order: Order) -> None:
        command = Command("harbour", order.key)
        self.commands.append(command)
        told = await self._answered(order)
        if "ids" not in told:
            return
        command.told.append(ids_in(told))
        if self.rng.random() < ASK_AGAIN:
            again = await self._answered(order)
            if "ids" in again:
                command.told.append(ids_in(again))
            else:
                self.denied.append(command)

    async def _answered(self, order: Order) -> dict[str, Any]:
        while True:
            try:
                async with asyncio.timeout(ONE_TRY):
                    told = await ask(self.rng.choice(self.addresses()), order)
                if "again" not in told:
                    return told
            except (OSError, TimeoutError, orjson.JSONDecodeError):
                pass  # it is away
            await asyncio.sleep(AGAIN)


def stream_of(ship: int) -> str:
    return f"ship-{UUID(int=ship)}"


async def ask(port: int, order: Order) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(on_the_wire(order))
        await writer.drain()
        told: dict[str, Any] = orjson.loads(await reader.readline())
        return told
    finally:
        writer.close()
