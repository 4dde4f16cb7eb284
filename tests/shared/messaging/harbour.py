"""A department as its witnesses meet it, and its database in the hands of whoever has the administrator's password."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import asyncpg
import nats
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg

from deploy.embedded.department_database import DepartmentDatabase
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_keeper import LedgerKeeper
from shared.eventstore.ledger_keys import LedgerKeys, rotation
from shared.eventstore.ledger_signer import LedgerSigner
from shared.eventstore.signed_head import HeadSigner
from shared.messaging import ledger_pages, witness_store
from shared.messaging.ledger_pages import Ask, told_head
from tests.databases import Databases

MEMBER = "local.harbour"
KEY = Ed25519PrivateKey.generate()
OTHER_KEY = Ed25519PrivateKey.generate()
ADD = """
insert into log (position, stream, version, leaf)
select n, $2::text || n, 1, sha256(convert_to($2::text || n, 'UTF8'))
from generate_series((select coalesce(max(position), 0) + 1 from log), $1::bigint) n
"""


class FixedSigner(LedgerSigner):
    """Signs with the key it is given, whatever the database says."""

    def __init__(self, key: Ed25519PrivateKey, statements: Sequence[str]) -> None:
        super().__init__(MEMBER, key)
        self._key, self._statements = HeadSigner(MEMBER, key).key, statements

    async def keys(self, _: object) -> LedgerKeys:
        return LedgerKeys.around(self._key, self.origin, self._statements)


@dataclass
class Harbour:
    """A department as a witness meets it: a log, kept as a tree, and whoever answers in its name."""

    pool: Pool
    database: DepartmentDatabase
    client: Client
    key: Ed25519PrivateKey = KEY
    statements: Sequence[str] = ()  # about its keys
    meanwhile: Callable[[], Awaitable[object]] | None = None  # what happens while its next answer is on its way

    @property
    def signer(self) -> HeadSigner:
        return HeadSigner(MEMBER, self.key)

    @property
    def ledger_signer(self) -> LedgerSigner:
        return FixedSigner(self.key, self.statements)

    async def rotate(self, key: Ed25519PrivateKey) -> None:
        """Another key follows."""
        now = datetime.now(UTC)
        told = rotation(self.signer.origin, self.key, key, await Ledger(self.pool).size(), now)
        self.key, self.statements = key, (*self.statements, told)

    async def grow(self, size: int, stream: str = "s-") -> None:
        await self.pool.execute(ADD, size, stream)
        keeper = LedgerKeeper(self.pool)
        while await keeper.keep():
            pass

    async def head(self) -> tuple[str, str]:
        told = await told_head(Ledger(self.pool), self.ledger_signer)
        return told["checkpoint"], told["key"]

    async def rewrite(self, keep: int) -> None:
        """What someone with the administrator's password can do: history after the first `keep` events is gone."""
        connection = await asyncpg.connect(self.database.admin_url)
        await connection.execute("set session_replication_role = replica")
        await connection.execute("delete from log where position > $1", keep)
        await connection.execute("delete from ledger_nodes")
        await connection.close()

    async def answer(self, question: Msg) -> None:
        ask = Ask.model_validate_json(question.data)
        page = await ledger_pages.page(Ledger(self.pool), self.ledger_signer, ask)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await question.respond(page)


@asynccontextmanager
async def laid(databases: Databases) -> AsyncIterator[tuple[Pool, DepartmentDatabase]]:
    async with databases.fresh() as database:
        await migrate(database.owner_url, database.app)
        async with await connect_pool(database.app_url, name="witness") as pool:
            yield pool, database


@asynccontextmanager
async def answering(databases: Databases, nats_url: str) -> AsyncIterator[Harbour]:
    async with laid(databases) as (pool, database):
        client = await nats.connect(nats_url)
        harbour = Harbour(pool, database, client)
        subscription = await client.subscribe("ledger.local.harbour", cb=harbour.answer)
        yield harbour
        await subscription.unsubscribe()
        await client.close()


async def kinds(customs: Pool) -> list[tuple[str, int]]:
    """The alarms that stand."""
    return [(alarm.kind, alarm.size) for alarm in await witness_store.standing(customs)]


def leaf(position: int, stream: str = "s-") -> bytes:
    return sha256(f"{stream}{position}".encode()).digest()
