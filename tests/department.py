"""A department in the test's own process: engine, HTTP and a signed-in caller, on a fresh database."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from deploy.secrets import new_master_key, write_private
from shared.contracts import envelope
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.envelope import Numbered
from shared.contracts.event import Event, Recorded
from shared.contracts.feed import Contract
from shared.contracts.identity import IDENTITY, Role, SigningKeyPublished
from shared.department import tokens
from shared.department.caller import Caller, Kind, Level
from shared.department.engine import Engine
from shared.department.run import opened
from shared.department.service import Service
from shared.department.settings import Settings
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.folding import learned, recorded
from shared.messaging import parking

NOWHERE = "nats://127.0.0.1:9"  # the discard port: nobody listens
SHARING_FILE = Path(__file__).parents[1] / "deploy" / "sharing.yaml"
KID = "test-key"
STORED = "select * from events where type like $1 and stream like $2 order by recorded_at, stream, version"

_AS_TOLD: Aggregate[None, Event] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)


class Department:
    """What a test holds in its hands. `engine` and `app` are the real ones."""

    def __init__(self, engine: Engine, app: Litestar, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.app = app
        self.private_key = tokens.new_private_key()
        self._versions: Counter[str] = Counter()

    def client(
        self, token: str | None = None, language: str = "en", *, address: str = "127.0.0.1", **headers: str
    ) -> httpx.AsyncClient:
        """Speaks HTTP to the application, from `address`; use it with `async with`."""
        sent = {"accept-language": language, **headers}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(app=self.app, client=(address, 1))  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://department", headers=sent)

    def token(
        self,
        kind: Kind = "citizen",
        id: UUID | None = None,
        roles: Sequence[Role] = (),
        division: str | None = None,
        *,
        now: datetime | None = None,
        lifetime: timedelta = timedelta(hours=1),
        level: Level = "verified",
        department: str | None = None,
        until: datetime | None = None,
    ) -> str:
        """A valid token of a key the department knows; of a fresh caller unless `id` names one."""
        caller = Caller(kind, id or uuid4(), frozenset(roles), division, department, level)
        return tokens.issue(self.private_key, KID, caller, now or datetime.now(UTC), lifetime, until)

    async def give(self, stream: str, *events: Event) -> None:
        """Let another department's events arrive, next in their feeds. AssertionError: one was parked."""
        for event in events:
            feed = self.engine.registry.feed_of(type(event))
            assert feed is not None, f"{type(event).__name__} is private"
            [home, *_] = self.engine.registry.heard(feed)
            await self.give_message(envelope.encode(await self.numbered(home.full_name, stream, event)))
        for one in await parking.page(self.engine.pool):
            raise AssertionError(f"{one.type} was parked: {one.error}")

    async def numbered(self, feed: str, stream: str, event: Event) -> Numbered:
        """The event as its department would publish it next in its feed."""
        checkpoint = "select coalesce(max(sequence), 0) from checkpoints where feed = $1"
        self._versions[stream] += 1
        return Numbered(
            feed=feed,
            sequence=await self.engine.pool.fetchval(checkpoint, feed) + 1,
            id=uuid7(),
            type=self.engine.registry.type_of(type(event)),
            schema=event.schema_version,
            stream=stream,
            version=self._versions[stream],
            data=self.engine.registry.encode(event),
            metadata="{}",
            recorded_at=datetime.now(UTC),
        )

    async def give_message(self, body: bytes) -> None:
        """Let a message of another department arrive, whatever is in it."""
        message = envelope.parse(body)
        await self.engine.subscriptions[message.feed].take_in([message])

    async def stored(self, type_like: str, stream: str = "%") -> list[Recorded]:
        """Own events of a type and stream (patterns of LIKE), in order, with everything to be read."""
        rows = await self.engine.pool.fetch(STORED, type_like, stream)
        await learned(rows, self.engine.registry)
        return [recorded(row, self.engine.registry) for row in rows]

    async def make_key_known(self) -> None:
        """Publish the key `token` signs with: as identity's event, or as our own when we are identity."""
        published = SigningKeyPublished(
            kid=KID, public_key=tokens.public_part(self.private_key), published_at=datetime.now(UTC)
        )
        stream = f"signing-key-{KID}"
        if self.engine.service.name == IDENTITY.department:
            await self.engine.store.execute(stream, _AS_TOLD, published, Context())
        else:
            await self.give(stream, published)


@cache
def key_master_file() -> Path:
    """A master key for the key stores of this test run."""
    path = Path(tempfile.mkdtemp(prefix="tongban-test-")) / "key-master.txt"
    write_private(path, new_master_key())
    return path


@asynccontextmanager
async def running(
    service: Service,
    database: DepartmentDatabase,
    nats_url: str | None = None,
    *,
    sharing_file: Path = SHARING_FILE,
    contracts: Sequence[Contract] = CONTRACTS,
    key_known: bool = True,
    **settings: Any,
) -> AsyncIterator[Department]:
    """Run a department. Without `nats_url` there is no broker. `settings` are those the service adds.

    Unless `key_known` is false, the department knows the key that `Department.token` signs with.
    """
    settings.setdefault("key_master_file", key_master_file())
    values = service.settings(
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=nats_url or NOWHERE,
        http_port=1,  # never listened on
        sharing_file=sharing_file,
        **settings,
    )
    async with opened(service, values, contracts=contracts) as (engine, app):
        department = Department(engine, app, values)
        if key_known:
            await department.make_key_known()
        yield department
