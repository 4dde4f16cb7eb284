"""Harbour and customs after some traffic: stopped, all applied, for what looks at them from outside."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.books import Party
from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from deploy.reconcile import FeedAccount, compare, until_clean
from shared.contracts.sharing import Catalogue, read_catalogue
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from tests import sample
from tests.databases import Databases
from tests.sample import CONTRACTS, CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, Arrive, Unload
from tests.servers import embedded_nats

SHIPS, INSPECTIONS = "local.harbour.ships", "local.customs.inspections"
EVENTS = 40  # of harbour.ships


@dataclass(frozen=True)
class Road:
    """Both departments stopped, everything applied."""

    harbour: Party
    customs: Party
    owners: dict[str, str]  # URLs by department
    broker: Nats
    catalogue: Catalogue

    @property
    def parties(self) -> tuple[Party, Party]:
        return self.harbour, self.customs

    async def accounts(self, *parties: Party) -> dict[str, FeedAccount]:
        accounts = await compare(parties or self.parties, self.catalogue)
        return {account.feed: account for account in accounts}

    async def differences(self, *parties: Party) -> list[str]:
        accounts = (await self.accounts(*parties)).values()
        return [
            difference
            for account in accounts
            for told in (account.differences, *(taken.differences for taken in account.subscribers))
            for difference in told
        ]

    async def by_hand(self, department: str, statements: str) -> None:
        """As the owner could, with the guards against changing history off."""
        connection = await asyncpg.connect(self.owners[department])
        try:
            await connection.execute("alter table events disable trigger user; alter table log disable trigger user")
            await connection.execute(statements)
        finally:
            await connection.close()


def party(engine: Engine, database: DepartmentDatabase, broker: Nats) -> Party:
    return Party(engine.service.name, database.app_url, broker.url(), engine.registry, engine.listens_to)


@asynccontextmanager
async def stopped(databases: Databases, directory: Path) -> AsyncIterator[Road]:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(embedded_nats())
        own = await stack.enter_async_context(databases.fresh())
        other = await stack.enter_async_context(databases.fresh())
        async with (
            sample.engine(HARBOUR_SERVICE, own, directory, broker.url()) as harbour,
            sample.engine(CUSTOMS_SERVICE, other, directory, broker.url()) as customs,
        ):
            for ship in range(EVENTS // 4):
                await harbour.store.execute(f"ship-{ship}", SHIP, Arrive(100), Context())
                for crates in random.Random(ship).sample(range(1, 20), 3):
                    await harbour.store.execute(f"ship-{ship}", SHIP, Unload(crates), Context())
            parties = party(harbour, own, broker), party(customs, other, broker)
            catalogue = read_catalogue(directory / "sharing.yaml", CONTRACTS)
            accounts = await until_clean(parties, catalogue, 20, lambda _: None)
            assert all(account.is_clean for account in accounts), accounts
        owners = {"harbour": own.owner_url, "customs": other.owner_url}
        yield Road(*parties, owners, broker, catalogue)
