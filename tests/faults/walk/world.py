"""A small world: harbour and customs, a database each on one PostgreSQL that may have a standby, and one broker."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.books import Party
from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from deploy.embedded.ports import free_port
from shared.contracts.sharing import read_catalogue
from shared.eventstore import passing
from shared.eventstore.tasks import end
from shared.messaging.handling import Handling
from tests import older_copy
from tests.backup.pair import Pair
from tests.faults import disk
from tests.faults.clock import Clock
from tests.faults.fault import NotHere
from tests.faults.walk.department import OLDER, Place, service_of
from tests.faults.walk.minded import Forked, Minded, Nursery
from tests.faults.walk.trade import CONTRACTS, SERVICES
from tests.sample import SHARING
from tests.until import until

SMALL = {"max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "16MB", "scram_iterations": "1"}
NAMES = tuple(SERVICES)
DISK = "1g"
STANDS = "select count(*) >= $1 from read_models"


class World:
    """`servers`: what is kept running, by name. Each department may run twice; `instances` says which."""

    def __init__(self, directory: Path, nurseries: Mapping[str, Nursery], clocks: Mapping[str, Clock]) -> None:
        self.directory = directory
        self.clocks = clocks
        self._nurseries = nurseries
        self.pair = Pair(directory / "postgres", settings=SMALL)
        self.nats = Nats(directory / "nats", free_port())
        self.databases: dict[str, DepartmentDatabase] = {}
        self.copied: set[str] = set()  # departments of which an older copy is kept
        self.instances: dict[str, list[int]] = {name: [0] for name in NAMES}
        self.releases = {(name, nth): OLDER for name in NAMES for nth in (0, 1)}
        self.ports = {(name, nth): free_port() for name in NAMES for nth in (0, 1)}
        self._sharing = directory / "sharing.yaml"
        self._sharing.write_text(SHARING)
        self.catalogue = read_catalogue(self._sharing, CONTRACTS)
        self.departments: dict[tuple[str, int], Minded] = {}
        self.broker = Minded(self.nats)
        self.postgres = Minded(self.pair.primary)

    async def begin(self) -> None:
        await self.postgres.resume()
        await self._make_logins_cheap()
        await self.broker.resume()
        await self.find_databases()
        for name, nth in self.ports:
            self.departments[name, nth] = Minded(Forked(self._nurseries[name], partial(self._place, name, nth)))
        for name in NAMES:
            await self.resume(name)
        for name in NAMES:
            await until(partial(self._stands, name), timeout=60, what=f"{name} stands")

    async def _stands(self, name: str) -> bool:
        """Else a standby could be promoted that lacks read models: then the department has to be started anew."""
        try:
            connection = await asyncpg.connect(self.databases[name].admin_url)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            return bool(await connection.fetchval(STANDS, len(SERVICES[name].read_models)))
        except asyncpg.UndefinedTableError:
            return False
        finally:
            await connection.close()

    async def _make_logins_cheap(self) -> None:
        """A password is hashed anew, few times; so much is logged in here that the hashing cost more than the steps."""
        url = self.pair.primary.url()
        connection = await asyncpg.connect(url)
        try:
            password = urlsplit(url).password or ""
            await connection.execute(f"alter role postgres password '{password}'")
        finally:
            await connection.close()

    async def give_leave(self, name: str) -> None:
        """The operator lets whatever release is started next take back what stands."""
        connection = await asyncpg.connect(self.databases[name].admin_url)
        try:
            await passing.allow_roll_back(connection)
        finally:
            await connection.close()

    async def after_another_database(self, name: str) -> None:
        """An operator's steps once another release's read models stand in the database: give leave, start anew."""
        keeps = passing.kept(service_of(name, self.release_of(name)).read_models)
        connection = await asyncpg.connect(self.databases[name].admin_url)
        try:
            stand = " ".join(row[0] for row in await connection.fetch(passing.STAND))
        finally:
            await connection.close()
        if stand == keeps:
            return
        await self.give_leave(name)
        running = [one for one in self.running(name) if one.is_wanted]
        for one in running:
            await one.halt()
            await one.resume()

    async def find_databases(self) -> None:
        """At the server that may be written to now."""
        for name in NAMES:
            self.databases[name] = await self.pair.primary.create_department(name)

    @property
    def parties(self) -> Sequence[Party]:
        parties = []
        for name in NAMES:
            registry = SERVICES[name].registry(CONTRACTS, sharing=self.catalogue)
            models, reactions = SERVICES[name].read_models, SERVICES[name].reactions
            listens_to = Handling(registry, models, reactions).listens_to
            parties.append(Party(name, self.databases[name].app_url, self.nats.url(), registry, listens_to))
        return parties

    def release_of(self, name: str) -> int:
        """Of the instance that stays."""
        return self.releases[name, self.instances[name][-1]]

    def running(self, name: str) -> list[Minded]:
        return [self.departments[name, nth] for nth in self.instances[name]]

    def addresses(self, name: str) -> list[int]:
        return [self.ports[name, nth] for nth in self.instances[name]]

    async def halt(self, name: str, *, gently: bool = False) -> None:
        for one in self.running(name):
            await one.halt(gently=gently)

    async def resume(self, name: str) -> None:
        for one in self.running(name):
            await one.resume()

    def kill(self, name: str) -> None:
        """It is started again by itself."""
        for one in self.running(name):
            one.server.kill()

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """No department does anything inside, and none ends."""
        servers = [one.server for name in NAMES for one in self.running(name)]
        forked = [one for one in servers if isinstance(one, Forked)]
        for one in forked:
            one.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(0.05)  # what is under way in the database comes to its end
            yield
        finally:
            for one in forked:
                one.signal(signal.SIGCONT)

    async def copy(self, name: str) -> None:
        await self.halt(name)
        await older_copy.take(self.databases[name])
        self.copied.add(name)
        await self.resume(name)

    async def fail_over(self) -> None:
        """The primary is dead already; its data goes with it."""
        await self.postgres.halt()
        await self.pair.promote()
        self.pair.swap()
        self.postgres = Minded(self.pair.primary)
        await self.postgres.resume()
        await self.find_databases()

    def _place(self, name: str, nth: int) -> Place:
        database = self.databases[name]
        return Place(
            name=name,
            port=self.ports[name, nth],
            database_url=self.pair.url(database.app_url),
            owner_url=self.pair.url(database.owner_url),
            nats_url=self.nats.url(),
            sharing_file=str(self._sharing),
            log=str(self.directory / f"{name}-{nth}.log"),
            release=self.releases[name, nth],
        )

    async def keep(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            await asyncio.gather(*(one.look() for one in (self.postgres, self.broker, *self.departments.values())))

    async def close(self) -> None:
        for one in self.departments.values():
            await one.halt()
        await self.broker.halt()
        await self.postgres.halt()
        await self.pair.stop()


@asynccontextmanager
async def opened(
    directory: Path, nurseries: Mapping[str, Nursery], clocks: Mapping[str, Clock]
) -> AsyncIterator[World]:
    """Everything in `directory`; PostgreSQL on a disk of its own in memory, where that can be had."""
    directory.mkdir(parents=True)
    async with AsyncExitStack() as stack:
        with suppress(NotHere):
            stack.enter_context(disk.small(directory / "postgres", DISK))
        world = World(directory, nurseries, clocks)
        stack.push_async_callback(world.close)
        await world.begin()
        keeper = asyncio.create_task(world.keep())
        stack.push_async_callback(end, keeper)
        yield world
