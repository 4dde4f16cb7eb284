"""How a tool of the operator reaches a department from outside its process: its database, its broker login, its rooms.

`<NAME>_DATABASE_URL` and `<NAME>_NATS_URL` in the environment name them where a department runs elsewhere; else they
are those of the stack in a data directory.
"""

import importlib
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.departments import NAMES
from deploy.embedded.nats import with_login as with_nats_login
from deploy.embedded.postgres import Postgres
from deploy.runner import stack_file
from deploy.runner.errors import StackError
from deploy.secrets import StackSecrets
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.registry import Registry
from shared.department.run import FRAME_READ_MODELS
from shared.department.service import Service
from shared.eventstore import timers
from shared.eventstore.database import Pool, connect_pool, require_schema
from shared.eventstore.read_model import ReadModel
from shared.eventstore.standing import kept
from shared.messaging.handling import Handling


@dataclass(frozen=True, slots=True)
class Reached:
    """One department. `database_url` logs in as its application role, `nats_url` as its user at the broker."""

    name: str
    database_url: str
    nats_url: str

    @property
    def service(self) -> Service:
        service: Service = importlib.import_module(f"services.{self.name}.service").SERVICE
        return service

    @property
    def neighbours(self) -> list[str]:
        """Every other department."""
        return [one.department for one in CONTRACTS if one.department != self.name]

    @property
    def registry(self) -> Registry:
        return self.service.registry(CONTRACTS)

    @property
    def read_models(self) -> tuple[ReadModel, ...]:
        return (*FRAME_READ_MODELS, *self.service.read_models)

    @property
    def handling(self) -> Handling:
        beside_events = (*self.read_models, *timers.beside_events(self.service.timers, self.registry))
        return Handling(self.registry, beside_events, self.service.reactions)

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        """Its database, for a tool. StackError: it does not answer, or goes away meanwhile."""
        try:
            pool = await connect_pool(
                self.database_url, name=f"{self.name} operator", min_size=1, max_size=4, keeps=kept(self.read_models)
            )
            try:
                await require_schema(pool)
                yield pool
            finally:
                await pool.close()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
            raise StackError(f"the database of {self.name} does not answer ({type(error).__name__})") from error
        except asyncpg.OperatorInterventionError as error:  # stopped meanwhile, or read models of another release stand
            raise StackError(f"the database of {self.name} refuses this program: {error}") from error


def reach(data_dir: Path, name: str) -> Reached:
    """StackError: no such department, or nothing says where its database is."""
    if name not in NAMES:
        raise StackError(f"there is no department {name}; there are {', '.join(NAMES)}")
    database = os.environ.get(f"{name.upper()}_DATABASE_URL")
    broker = os.environ.get(f"{name.upper()}_NATS_URL")
    return Reached(name, database or _database(data_dir, name), broker or _broker(data_dir, name))


def reach_all(data_dir: Path, names: Iterable[str] | None = None) -> list[Reached]:
    """These departments, else all that were asked to run in the data directory or are named in the environment."""
    if names is None:
        known = stack_file.read(data_dir).departments if (data_dir / "stack.json").exists() else ()
        names = [name for name in NAMES if name in known or f"{name.upper()}_DATABASE_URL" in os.environ]
    return [reach(data_dir, name) for name in names]


def _database(data_dir: Path, name: str) -> str:
    ports = stack_file.read(data_dir).ports
    try:
        return Postgres(data_dir / "postgres", ports["postgres"]).url(name, name)
    except KeyError:
        raise StackError(
            f"{data_dir} holds no database of {name}: start it once, or set {name.upper()}_DATABASE_URL"
        ) from None


def _broker(data_dir: Path, name: str) -> str:
    if not (data_dir / "stack.json").exists():
        return ""
    port = stack_file.read(data_dir).ports["nats"]
    return with_nats_login(port, name, StackSecrets(data_dir).nats_password(name))
