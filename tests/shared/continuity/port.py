"""Harbour, which loses history, and customs, which holds some of it: whole departments on real servers."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.continuity.claims import read_claim
from shared.contracts.event import Metadata
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.messaging.jetstream_api import ask
from tests import older_copy, sample
from tests.connected import connected
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, SHIPS_FEED, Arrive, Note, Unload
from tests.until import until

FEED = "local.harbour.ships"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
HISTORY = """
select e.id from log l join events e on e.stream = l.stream and e.version = l.version
where l.feed = 'harbour.ships' order by l.sequence
"""
HELD = "select id from inbox where feed = 'local.harbour.ships' order by sequence"
EPOCHS = "select number, position, feeds::text from epochs order by number"
LOST = "select sequence, recovered from lost_events order by epoch, nth"
WITNESSED = "select coalesce(max(size), 0) from witnessed where era = (select coalesce(max(era), 1) from witness_eras)"
SIZE = "select coalesce(max(position), 0) from log"


@dataclass
class Port:
    """`harbour` and `customs` are the running engines, one of each."""

    nats: Nats
    harbour_database: DepartmentDatabase
    customs_database: DepartmentDatabase
    path: Path
    key_file: Path | None = None  # else KEY
    _harbour: AsyncExitStack = field(default_factory=AsyncExitStack)
    _customs: AsyncExitStack = field(default_factory=AsyncExitStack)
    harbour: Engine = field(init=False)
    customs: Engine = field(init=False)

    async def start_harbour(self) -> Engine:
        url = self.nats.url()
        running = sample.engine(HARBOUR_SERVICE, self.harbour_database, self.path, url, ledger_key=self.key_file or KEY)
        self.harbour = await self._harbour.enter_async_context(running)
        return self.harbour

    async def start_customs(self) -> Engine:
        running = sample.engine(CUSTOMS_SERVICE, self.customs_database, self.path, self.nats.url())
        self.customs = await self._customs.enter_async_context(running)
        return self.customs

    async def wipe_the_broker(self) -> None:
        """Returns when customs has found it again: who is asked before that has not answered in time."""
        reconnects = self.customs.client.stats["reconnects"]
        await self.nats.stop()
        self.nats.wipe()
        await self.nats.restart()
        await until(lambda: self.customs.client.stats["reconnects"] > reconnects, what="customs is connected again")

    async def stop_harbour(self) -> None:
        await self._harbour.aclose()

    async def stop_customs(self) -> None:
        await self._customs.aclose()

    async def arrive(self, *ships: str) -> None:
        for ship in ships:
            await self.harbour.store.execute(f"ship-{ship}", SHIP, Arrive(7), Context(Metadata(actor="staff:li")))

    async def unload(self, ship: str) -> None:
        await self.harbour.store.execute(f"ship-{ship}", SHIP, Unload(1), Context())

    async def note(self, ship: str) -> None:
        """A private event."""
        await self.harbour.store.execute(f"ship-{ship}", SHIP, Note("x"), Context())

    async def history(self) -> list[UUID]:
        return [row["id"] for row in await self.harbour.pool.fetch(HISTORY)]

    async def held(self) -> list[UUID]:
        return [row["id"] for row in await self.customs.pool.fetch(HELD)]

    async def epochs(self) -> list[tuple[int, int, str]]:
        return [tuple(row) for row in await self.harbour.pool.fetch(EPOCHS)]

    async def lost(self) -> list[tuple[int | None, bool]]:
        return [tuple(row) for row in await self.harbour.pool.fetch(LOST)]

    async def numbered(self, events: int) -> None:
        await until(lambda: self._is(self.harbour, SIZE, events), what=f"{events} events are numbered")

    async def published(self, sequence: int) -> None:
        asked = "select coalesce(max(published), 0) from relay"
        await until(lambda: self._is(self.harbour, asked, sequence), what=f"{sequence} events are published")

    async def all_is_known(self, events: int, public: int) -> None:
        """Customs has taken in so many events and witnessed so many."""
        await until(lambda: self._is(self.customs, WITNESSED, events), what=f"customs has witnessed {events}")
        taken_in = "select count(*) from inbox where feed = 'local.harbour.ships'"
        await until(lambda: self._is(self.customs, taken_in, public), what=f"customs has taken in {public}")

    async def settled(self) -> None:
        await until(lambda: self.harbour._continuity and self.harbour._continuity.may_publish.is_set(), what="settled")

    async def all_have_answered(self) -> None:
        await until(
            lambda: self.harbour._continuity and not self.harbour._continuity._unheard, what="all have answered"
        )

    async def in_stream(self) -> list[tuple[int, int]]:
        """Epoch and sequence of what the broker holds of the feed."""

        found = []
        async with connected(self.nats.url()) as client:
            state = (await ask(client, f"STREAM.INFO.{SHIPS_FEED.jetstream}"))["state"]
            for number in range(max(1, state["first_seq"]), state["last_seq"] + 1):
                message = (await ask(client, f"STREAM.MSG.GET.{SHIPS_FEED.jetstream}", {"seq": number}))["message"]
                claim = read_claim(base64.b64decode(message["data"]), SHIPS_FEED, is_trusted=True)
                assert claim is not None
                found.append((claim.epoch, claim.sequence))
        return found

    async def _is(self, engine: Engine, asked: str, wanted: int) -> bool:
        return bool(await engine.pool.fetchval(asked) == wanted)

    async def loses(self, after_copy: Callable[[], Awaitable[object]], known: tuple[int, int] | None) -> None:
        """Harbour is replaced by a copy of its database from before `after_copy`, which `known` events of the log and
        of the feed came of. It is not running then."""
        await self.stop_harbour()
        await older_copy.take(self.harbour_database)
        await self.start_harbour()
        await after_copy()
        if known is not None:
            await self.numbered(known[0])
            await self.published(known[1])
            await self.all_is_known(*known)
        await self.stop_harbour()
        await older_copy.put_back(self.harbour_database)


@asynccontextmanager
async def port(
    nats: Nats, databases: Sequence[DepartmentDatabase], path: Path, key_file: Path | None = None
) -> AsyncIterator[Port]:
    made = Port(nats, databases[0], databases[1], path, key_file)
    try:
        await made.start_customs()
        await made.start_harbour()
        yield made
    finally:
        await made.stop_harbour()
        await made.stop_customs()
