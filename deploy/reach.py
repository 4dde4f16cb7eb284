"""How a tool of the operator reaches a department from outside its process: its database, its broker login, its rooms.

`deploy/known_stack.py` says how a stack is named. Rooms are loaded when they are asked for: it takes a second.
"""

import importlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy import known_stack
from deploy.known_stack import KnownStack, Whereabouts
from deploy.runner.errors import NoStack, StackError

if TYPE_CHECKING:
    import asyncpg

    from shared.contracts.registry import Registry
    from shared.contracts.sharing import Catalogue
    from shared.department.service import Service
    from shared.eventstore.database import Pool
    from shared.eventstore.read_model import ReadModel
    from shared.messaging.handling import Handling

PATIENCE = 10.0  # seconds for a database to let us in
LONGEST = 60.0  # seconds a statement may take


@dataclass(frozen=True, slots=True)
class Reached:
    """One department."""

    place: Whereabouts

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def database_url(self) -> str:
        """Logs in as its application role. StackError: nothing says where it is."""
        return self.place.need_database()

    @property
    def nats_url(self) -> str:
        """Logs in as its user at the broker; empty where nothing says where that is."""
        return self.place.nats or ""

    @property
    def service(self) -> "Service":
        service: Service = importlib.import_module(f"services.{self.name}.service").SERVICE
        return service

    @property
    def neighbours(self) -> list[str]:
        """Those it witnesses: 'local.identity'."""
        return list(map(str, self.sharing.neighbours_of(self.registry.member)))

    @property
    def registry(self) -> "Registry":
        from shared.contracts.catalogue import CONTRACTS

        sharing = self.sharing
        return self.service.registry(CONTRACTS, jurisdiction=sharing.jurisdiction, sharing=sharing)

    @property
    def sharing(self) -> "Catalogue":
        """The data-sharing catalogue of its stack."""
        from deploy.sharing import SHARING_FILE
        from shared.contracts.catalogue import CONTRACTS
        from shared.contracts.sharing import read_catalogue

        return read_catalogue(self.place.sharing_file or SHARING_FILE, CONTRACTS)

    @property
    def read_models(self) -> "tuple[ReadModel, ...]":
        from shared.department.run import FRAME_READ_MODELS

        return (*FRAME_READ_MODELS, *self.service.read_models)

    def handling(self, registry: "Registry") -> "Handling":
        from shared.department.beside_events import beside_events
        from shared.messaging.handling import Handling

        beside = beside_events(self.service, registry, self.read_models)
        return Handling(registry, beside, self.service.reactions)

    @asynccontextmanager
    async def opening(self) -> "AsyncIterator[Registry]":
        """Its registry, for a tool that reads what events say: with the keys of their personal fields.

        StackError: nothing says where its master key is, or that one is another.
        """
        from shared.contracts.errors import Misconfigured
        from shared.eventstore.master_keys import of_file
        from shared.eventstore.person_keys import PersonKeys
        from shared.eventstore.pools import key_pool

        registry = self.registry
        masters = of_file(self.place.need_key_master_file())
        try:
            async with key_pool(self.database_url, f"{self.name} operator") as pool:
                registry.sealing = PersonKeys(pool, str(registry.member), masters)
                yield registry
        except Misconfigured as error:
            raise StackError(f"{self.name}: {error}") from None

    @asynccontextmanager
    async def pool(self) -> "AsyncIterator[Pool]":
        """Its database, for a tool that writes. StackError: it does not answer, or goes away meanwhile."""
        from shared.eventstore.database import connect_pool, require_schema
        from shared.eventstore.passing import kept

        with self._failures_told():
            pool = await connect_pool(
                self.database_url, name=f"{self.name} operator", min_size=1, max_size=4, keeps=kept(self.read_models)
            )
            try:
                await require_schema(pool)
                yield pool
            finally:
                await pool.close()

    @asynccontextmanager
    async def reading(self) -> "AsyncIterator[asyncpg.Connection]":
        """One unchanging view of its database, for a tool that only looks: none of its rooms is loaded for that.

        StackError: it does not answer, goes away meanwhile, or holds no department.
        """
        import asyncpg

        from shared.eventstore import hosts

        with self._failures_told():
            connection = await hosts.connect(
                self.database_url,
                timeout=PATIENCE,
                command_timeout=LONGEST,
                server_settings={"application_name": f"{self.name} operator", "timezone": "UTC", "jit": "off"},
            )
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    yield connection
            except asyncpg.UndefinedTableError:
                raise StackError(
                    f"the database of {self.name} holds no department of this release: start it once"
                ) from None
            finally:
                connection.terminate()

    @contextmanager
    def _failures_told(self) -> Iterator[None]:
        import asyncpg

        from shared.eventstore.transient import AWAY

        refusals = (
            asyncpg.OperatorInterventionError,  # stopped meanwhile, or another release's read models stand
            asyncpg.InsufficientResourcesError,  # too many connections, a full disk
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.ObjectNotInPrerequisiteStateError,  # it takes no connections
        )
        try:
            yield
        except (asyncpg.InvalidCatalogNameError, asyncpg.InsufficientPrivilegeError) as error:
            raise StackError(f"the database of {self.name} is not there for this login: {error}") from error
        except (*AWAY, *refusals) as error:
            if isinstance(error, ValueError):  # an argument of a wrong type, which asyncpg calls an error of its own
                raise
            if isinstance(error, refusals) and not isinstance(error, asyncpg.CannotConnectNowError):
                raise StackError(f"the database of {self.name} refuses this program: {error}") from error
            raise StackError(f"the database of {self.name} does not answer ({type(error).__name__})") from error


def reach(path: Path | None, name: str) -> Reached:
    """StackError: no such department, or nothing says where its database is."""
    found = Reached(known_stack.find(path).one(name))
    found.place.need_database()
    return found


def reach_all(path: Path | None, names: Iterable[str] | None = None) -> list[Reached]:
    """These departments, else all whose database is known; at least one. NoStack: see `known_stack`."""
    return reached_of(known_stack.find(path), names)


def reached_of(stack: KnownStack, names: Iterable[str] | None = None) -> list[Reached]:
    """The same of a stack that was found."""
    if names is not None:
        found = [Reached(one) for one in stack.chosen(names)]
        for one in found:
            one.place.need_database()
        return found
    found = [Reached(one) for one in stack.departments.values() if one.database is not None]
    if not found:
        raise NoStack(f"nothing says where a database of the stack in {stack.path} is: it names none")
    return found
