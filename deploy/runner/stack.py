"""The stack: servers first, then the departments; the other way round at the end.

    async with Stack(data_dir) as stack:
        await stack.ready()

Whatever ends unasked is started again. When the runner itself is killed, its children end with it; where they could
not, the next start on the same directory stops them first.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from deploy.backup.archive import WalArchive
from deploy.backup.keys import needed_recipients
from deploy.backup.servers import Server
from deploy.departments import DEPARTMENTS, NAMES, Department
from deploy.embedded.errors import InUse
from deploy.embedded.nats import Nats
from deploy.embedded.ports import is_free
from deploy.embedded.postgres import Postgres
from deploy.names import metrics_of
from deploy.road import file
from deploy.road.accounts import accounts, logins
from deploy.road.check import checked
from deploy.road.passwords import hashing
from deploy.runner import stack_file
from deploy.runner.department_process import DepartmentProcess
from deploy.runner.errors import StackError
from deploy.runner.given import NOTHING_GIVEN, Given
from deploy.runner.kept import Kept, Tell
from deploy.runner.keys import Database, keys_of
from deploy.runner.readiness import wait_until_reachable, wait_until_ready
from deploy.secrets import ADMINISTRATOR, StackSecrets
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.member import Member
from shared.contracts.sharing import parse_catalogue, read_text


class Stack:
    """Runs `only` these departments, else all, with what they need, out of `data_dir`.

    PostgreSQL and NATS are started here, unless `given` names others or another runner has them running in the same
    directory: then those are used. `ports` of a first start are kept; `base_port` sets them anew. So is `sharing_file`,
    until another is named; departments follow the copy that the broker's accounts were made from. `archive`: where what
    PostgreSQL writes is archived, encrypted for `recipients_file`, else for a key made in the data directory.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        base_port: int | None = None,
        only: Collection[str] | None = None,
        given: Given = NOTHING_GIVEN,
        sharing_file: Path | None = None,
        archive: Path | None = None,
        recipients_file: Path | None = None,
        tell: Tell = print,
    ) -> None:
        """StackError: a department that does not exist, or servers given for several departments."""
        if unknown := set(only or ()) - set(NAMES):
            raise StackError(f"there is no department {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        if given != NOTHING_GIVEN and (only is None or len(only) != 1):
            raise StackError("a given broker, database or key belongs to one department: name it with --only")
        self.data_dir = data_dir.resolve()
        self.secrets = StackSecrets(self.data_dir)
        self._only = only
        self._base_port = base_port
        self._given = given
        self._sharing_given = sharing_file
        self._archive = archive
        self._recipients_given = recipients_file
        self._tell = tell
        self._departments: dict[str, Kept] = {}
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Returns when every department answers, or has been too slow and is started again meanwhile.

        StackError, ServerFailed: see there. Ports of a start that failed are not kept.
        """
        before = stack_file.ports_kept(self.data_dir)
        try:
            self._settle()
            self._group = await self._exit.enter_async_context(asyncio.TaskGroup())
            await self._start_servers()
            self._exit.push_async_callback(self._stop_departments)
            await self._start_departments()
        except BaseException:
            await self._exit.aclose()
            if self._base_port is not None:
                stack_file.put_back(self.data_dir, before)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tell("stopping")
        await self._exit.aclose()

    async def ready(self, timeout: float | None = 60.0) -> None:
        """Wait until each department says that it can serve. NotReady: one did not in time; says what it lacks."""
        await wait_until_ready(self.addresses, timeout, self._tell)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the departments that this runner started are."""
        return {name: stack_file.address(self._ports[name]) for name in self._departments}

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of all that this runner keeps: the servers it started and the departments."""
        kept = {"postgres": self.postgres_kept, "nats": self.nats_kept, **self._departments}
        return {name: one.server.pid for name, one in kept.items() if one.server.is_running}

    @property
    def administrator(self) -> tuple[str, str]:
        """Login and password of the first administrator."""
        return ADMINISTRATOR, self.secrets.staff_password(ADMINISTRATOR)

    def broker_url(self, login: str) -> str:
        """Where the broker lets this login in."""
        return self.nats.url(login, self.secrets.nats_password(login))

    async def halt(self, name: str) -> None:
        """Stop one department, gently, and leave it stopped."""
        await self._departments[name].stop()

    async def resume(self, name: str) -> None:
        """Start a halted department again; returns when it answers."""
        await self._departments[name].start(self._group)

    def kill(self, name: str) -> None:
        """SIGKILL a department; it is started again by itself."""
        self._departments[name].server.kill()

    async def wipe_nats(self) -> None:
        """Take the broker away with all its streams, and start an empty one at the same address."""
        await self.nats_kept.stop()
        self.nats.wipe()
        await self.nats_kept.start(self._group)

    def _settle(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with stack_file.turn(self.data_dir):
            record = stack_file.write(self.data_dir, self._only, self._base_port, self._sharing_given)
            self._ports = record.ports
            text = self._catalogue(Path(record.sharing_file or SHARING_FILE))
            self._sharing = checked(parse_catalogue(text, file.CATALOGUE, CONTRACTS))
            stack_file.keep(self.data_dir, replace(record, jurisdiction=self._sharing.jurisdiction))
            self.secrets.make_logins(logins(self._sharing))
            made = accounts(self._sharing, hashing(self.secrets.nats_password))
            self._accounts_file = file.write(self.data_dir / "nats", made)
            self._sharing_file = file.write_catalogue(self.data_dir / "nats", text)
        self.postgres = Postgres(self.data_dir / "postgres", self._ports["postgres"])
        self.nats = Nats(
            self.data_dir / "nats",
            self._ports["nats"],
            accounts_file=self._accounts_file,
            monitor_port=self._ports["nats_monitor"],
        )
        self.postgres_kept = Kept("postgres", self.postgres, self._tell)
        self.nats_kept = Kept("nats", self.nats, self._tell, self.nats.what_is_lost)

    def _catalogue(self, source: Path) -> str:
        """The operator's at a start of the broker. While that runs, what it took: `tongban road apply` changes it."""
        taken = self.data_dir / "nats" / file.CATALOGUE
        if taken.exists() and not is_free(self._ports["nats"]):
            if read_text(source) != read_text(taken):
                self._tell(f"{source} was changed since the broker took it: run `tongban road apply`")
            return read_text(taken)
        return read_text(source)

    async def _start_servers(self) -> None:
        needed = []
        if self._given.database_url is None:
            needed.append(self.postgres_kept)
        if self._given.nats_url is None:
            needed.append(self.nats_kept)
        for kept in needed:
            self._exit.push_async_callback(kept.stop)
        await together(self._start_or_join(kept) for kept in needed)
        if self._archive is not None and self.postgres_kept in needed and self.postgres.is_running:
            await self._start_archive(self._archive)

    async def _start_archive(self, to: Path) -> None:
        """Of the PostgreSQL that this runner started; it ends before that one, and after the departments."""
        recipients = needed_recipients(self.data_dir, self._recipients_given, self._tell)
        self.archive = WalArchive(Server(self.postgres.url(), (), self.postgres.home), to, recipients)
        kept = Kept("archive", self.archive, self._tell)
        self._exit.push_async_callback(kept.stop)
        await kept.start(self._group)
        self._tell(f"archive: {to}")

    async def _start_or_join(self, kept: Kept) -> None:
        try:
            await kept.start(self._group)
        except InUse:
            await wait_until_reachable(self._ports[kept.name], kept.name)
            self._tell(f"{kept.name}: using the one that another runner started in {self.data_dir}")
        else:
            self._tell(f"{kept.name}: 127.0.0.1:{self._ports[kept.name]}")

    async def _start_departments(self) -> None:
        wanted = [one for one in DEPARTMENTS if self._only is None or one.name in self._only]
        for department in wanted:
            process = DepartmentProcess(
                department,
                self.data_dir / department.name,
                self._ports[department.name],
                await self._environment(department),
            )
            self._departments[department.name] = Kept(department.name, process, self._tell)
        await together(self._start_department(kept) for kept in self._departments.values())

    async def _start_department(self, kept: Kept) -> None:
        if await kept.start_patiently(self._group):
            self._tell(f"{kept.name}: {self.addresses[kept.name]}")

    async def _stop_departments(self) -> None:
        await together(kept.stop() for kept in self._departments.values())

    async def _environment(self, department: Department) -> dict[str, str]:
        member = Member(self._sharing.jurisdiction, department.name)
        environment = {
            "SHARING_FILE": str(self._sharing_file),
            "NATS_URL": self._given.nats_url or self.broker_url(member.dashed),
            "METRICS_PORT": str(self._ports[metrics_of(department.name)]),
            **department.needs(self.secrets),
        }
        if self._given.database_url is None:
            database = await self.postgres.create_department(department.name)
            environment |= {"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.owner_url}
        else:
            environment["DATABASE_URL"] = self._given.database_url
            if self._given.database_owner_url is not None:
                environment["DATABASE_OWNER_URL"] = self._given.database_owner_url
        database_asked = Database(department.name, environment["DATABASE_URL"], self._given.database_password)
        return environment | await keys_of(database_asked, self.secrets, self._given.keys, self._tell)


async def together(steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run them at once; the first error ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
