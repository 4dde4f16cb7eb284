"""Three departments on real servers, whose databases are replaced by older copies while ships come and go."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.contracts.errors import Refused, TongbanError
from shared.contracts.event import Event, Recorded
from shared.contracts.feed import Contract, Feed
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore.aggregate import Aggregate, Context, Instruction
from shared.eventstore.differences import differences
from shared.eventstore.tasks import end
from shared.messaging import phantom_list
from shared.messaging.reaction import Reaction
from shared.standards.text import Text
from tests import older_copy
from tests.databases import Databases
from tests.sample import (
    CUSTOMS,
    CUSTOMS_SERVICE,
    HARBOUR,
    HARBOUR_SERVICE,
    SHIP,
    SHIPS,
    Arrive,
    CratesInspected,
    Note,
    Unload,
)
from tests.until import until

SHARING = """
members: [harbour, customs, depot]
feeds:
  harbour.ships: {attribute: unconditional, basis: sample, subscribers: [customs, depot]}
  customs.inspections: {attribute: unconditional, basis: sample, subscribers: [harbour, depot]}
  depot.stock: {attribute: unconditional, basis: sample, subscribers: [customs]}
"""
LOG = """
select e.id from log l join events e on e.stream = l.stream and e.version = l.version where l.feed = $1
order by l.sequence
"""
INBOX = "select id, sequence from inbox where feed = $1 order by sequence"
DISORDERED = """
select one.stream, one.version, one.position, other.version, other.position from log one join log other
on one.stream = other.stream and one.version < other.version and one.position > other.position limit 3
"""
UNNUMBERED = "select count(*) from outbox"


class CratesStored(Event):
    crates: int


DEPOT = Contract("depot", Text("仓库", "depot"), (Feed("depot", "stock", Text("库存", "stock"), (CratesStored,)),))
STOCK: Aggregate[int, int] = Aggregate(
    "stock", 0, lambda _, crates: [CratesStored(crates=crates)], lambda done, event: done + getattr(event, "crates", 0)
)


def store(event: Recorded) -> Iterable[Instruction]:
    if isinstance(event.data, CratesInspected):
        yield Instruction(STOCK, event.subject_id, event.data.crates)


SERVICES = {
    "harbour": HARBOUR_SERVICE,
    "customs": CUSTOMS_SERVICE,
    "depot": Service(DEPOT, read_models=(SHIPS,), reactions=(Reaction("store", (CratesInspected,), store),)),
}
READERS = {"local.harbour.ships": ("customs", "depot"), "local.customs.inspections": ("depot",)}
KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n, name in enumerate(SERVICES)}


@dataclass
class Coast:
    nats: Nats
    databases: dict[str, DepartmentDatabase]
    path: Path
    engines: dict[str, Engine] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)  # whatever a subscriber ever held
    arrived: int = 0
    sailing: asyncio.Task[None] = field(init=False)
    _stacks: dict[str, AsyncExitStack] = field(default_factory=dict)

    async def start(self, *names: str) -> None:
        for name in names:
            self._stacks[name] = AsyncExitStack()
            engine = Engine(
                SERVICES[name],
                database_url=self.databases[name].app_url,
                database_owner_url=self.databases[name].owner_url,
                nats_url=self.nats.url(),
                sharing_file=self.path,
                contracts=(HARBOUR, CUSTOMS, DEPOT),
                ledger_key=KEYS[name],
            )
            running = await self._stacks[name].enter_async_context(engine)
            await running.start()
            self.engines[name] = running

    async def stop(self, *names: str) -> None:
        for name in names:
            if self.engines.pop(name, None) is not None:
                await self._stacks.pop(name).aclose()

    async def copy(self, name: str) -> None:
        """Keep its database as it is now."""
        await self.stop(name)
        await older_copy.take(self.databases[name])
        await self.start(name)

    async def restore(self, *names: str, wipes_broker: bool = False) -> None:
        """All at once, each to its own copy."""
        await self.look()
        await self.stop(*names)
        for name in names:
            await older_copy.put_back(self.databases[name])
        if wipes_broker:
            await self.nats.stop()
            self.nats.wipe()
            await self.nats.start()
        await self.start(*names)

    async def look(self) -> None:
        """Remember what subscribers hold."""
        for feed, readers in READERS.items():
            for name in readers:
                self.seen |= set(await self.inbox(name, feed))

    async def sail(self, rng: random.Random) -> None:
        """For ever: ships arrive and are unloaded, wherever harbour is just now."""
        while True:
            await asyncio.sleep(0.01)
            try:
                await self.something(rng)
            except (TongbanError, OSError, asyncpg.InterfaceError, asyncpg.PostgresError, KeyError):
                continue  # it is being replaced

    async def something(self, rng: random.Random) -> None:
        self.arrived += 1
        store = self.engines["harbour"].store
        await store.execute(f"ship-{self.arrived}", SHIP, Arrive(100), Context())
        for command in (Unload(1), Note("x")):
            try:
                await store.execute(f"ship-{rng.randint(1, self.arrived)}", SHIP, command, Context())
            except Refused:
                continue

    async def more(self, events: int) -> None:
        """So many more events are known to all readers."""
        before = {pair: len(await self.inbox(*pair)) for pair in pairs()}

        async def have_come() -> bool:
            return all([len(await self.inbox(*pair)) >= before[pair] + events for pair in pairs()])

        await until(have_come, timeout=60, every=0.1, what=f"{events} more events came")

    async def inbox(self, name: str, feed: str) -> list[UUID]:
        return [row["id"] for row in await self.engines[name].pool.fetch(INBOX, feed)]

    async def log(self, feed: str) -> list[UUID]:
        _, department, _ = feed.split(".")
        return [row["id"] for row in await self.engines[department].pool.fetch(LOG, feed.partition(".")[2])]

    async def is_one(self) -> bool:
        """Every inbox is its provider's log, and nobody has anything left to do."""
        for engine in self.engines.values():
            state = engine.state()
            if any(one.trouble for one in state.subscriptions.values()) or await engine.pool.fetchval(UNNUMBERED):
                return False
            if await engine.pool.fetchval("select count(*) from rebuilds_due"):
                return False
        return all([await self.inbox(name, feed) == await self.log(feed) for name, feed in pairs()])

    async def settle(self) -> None:
        """Afterwards all hold one history, and every event that is not in it any more is told."""
        await until(self.is_one, timeout=90, every=0.2, what="all hold one history")
        told: set[UUID] = set()
        history: set[UUID] = set()
        for feed in READERS:
            history |= set(await self.log(feed))
        for name, engine in self.engines.items():
            disordered = await engine.pool.fetch(DISORDERED)
            assert disordered == [], f"{name} numbers each stream in its order: {disordered[:3]}"
            for feed in READERS:
                numbers = [row["sequence"] for row in await engine.pool.fetch(INBOX, feed)]
                assert numbers == list(range(1, len(numbers) + 1)), f"{name} skipped none of {feed}"
            assert await engine.pool.fetchval("select count(*) from parked") == 0
            for model in engine.read_models:
                found = await differences(self.databases[name].app_url, model, engine.registry)
                assert found == [], f"{model.name} at {name} is not as built anew: {found[:3]}"
            rows = await engine.pool.fetch("select id, again_at is not null as again from phantoms")
            told |= {row["id"] for row in rows}
            told |= {row["id"] for row in await engine.pool.fetch("select id from lost_events where id is not null")}
            assert not [row["id"] for row in rows if not row["again"] and row["id"] in history]
            followed = {one.phantom for one in await phantom_list.page(engine.pool, limit=10_000)}
            assert followed.isdisjoint(history)
        untold = self.seen - history - told
        assert not untold, f"{len(untold)} events that were held are neither history nor told"


def pairs() -> Sequence[tuple[str, str]]:
    return [(name, feed) for feed, readers in READERS.items() for name in readers]


@asynccontextmanager
async def coast(nats: Nats, databases: Databases, tmp_path: Path) -> AsyncIterator[Coast]:
    path = tmp_path / "sharing.yaml"
    path.write_text(SHARING)
    async with AsyncExitStack() as stack:
        fresh = {name: await stack.enter_async_context(databases.fresh()) for name in SERVICES}
        made = Coast(nats, fresh, path)
        try:
            await made.start(*SERVICES)
            made.sailing = asyncio.create_task(made.sail(random.Random(7)))
            yield made
        finally:
            if hasattr(made, "sailing"):
                await end(made.sailing)
            await made.stop(*list(made.engines))
