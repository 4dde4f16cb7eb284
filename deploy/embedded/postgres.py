"""An embedded PostgreSQL 18: TCP on 127.0.0.1, scram passwords, fsync on, data that outlives it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import asyncpg

from deploy.embedded.account import unprivileged_account
from deploy.embedded.department_database import (
    DepartmentDatabase,
    create_department_database,
    with_login,
)
from deploy.embedded.errors import ServerFailed
from deploy.embedded.passwords import PasswordFile
from deploy.embedded.postgres_binaries import postgres_binaries
from deploy.embedded.process import ServerProcess

_ADMIN = "postgres"
# Byte order of UTF-8, built into the server: the same on every machine, whatever locales it has.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# For a small machine that runs every department against one server. Durability stays at its defaults.
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "300",
    "max_wal_size": "512MB",
    "max_slot_wal_keep_size": "4GB",  # for an archive that is away: rather without it than without a disk
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "huge_pages": "off",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}


class Postgres:
    """One server and its cluster under `data_dir`: `cluster/`, `passwords.json`, `postgres.log`."""

    def __init__(self, data_dir: Path, port: int, *, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """`settings`: postgresql.conf names and values that go before ours.

        ServerFailed: we are root, and this is not Linux.
        NotInstalled: the wheel is missing.
        """
        home = self.home = data_dir.resolve()
        self.port = port
        self._cluster = home / "cluster"
        self._passwords = PasswordFile(home / "passwords.json")
        self._account = unprivileged_account()
        self._binaries = postgres_binaries(self._account)
        address = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
        chosen = _SETTINGS | address | dict(settings)
        self._process = ServerProcess(
            [
                self._binaries / "postgres",
                *("-D", self._cluster_as_seen(self._cluster)),
                *(f"--{name}={value}" for name, value in chosen.items()),
            ],
            home=home,
            directory=self._cluster,
            gentle=signal.SIGINT,  # "fast" shutdown: do not wait for clients to leave
            account=self._account,
            environment={},
        )

    async def start(self, timeout: float = 60.0) -> None:
        """Make the cluster if there is none; return when it answers. ServerFailed, InUse: see there."""
        await self._process.start(prepare=self._prepare, is_ready=self._answers, timeout=timeout)

    async def stop(self, timeout: float = 30.0) -> None:
        """Fast shutdown; clients are disconnected."""
        await self._process.stop(timeout)

    def kill(self) -> None:
        """SIGKILL to the server and all its backends at once."""
        self._process.kill()

    async def restart(self) -> None:
        """Stop and start on the same port."""
        await self.stop()
        await self.start()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process.is_running

    @property
    def pid(self) -> int:
        """The postmaster's process id. ServerFailed: it is not running."""
        return self._process.pid

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return self._process.log_tail(lines)

    def url(self, database: str = _ADMIN, user: str = _ADMIN, password: str | None = None) -> str:
        """Connection URL; the password of a role of ours need not be given. KeyError: no such role."""
        return with_login(f"postgresql://127.0.0.1:{self.port}", database, user, password or self._passwords.of(user))

    async def create_department(self, name: str) -> DepartmentDatabase:
        """Database `name` with its owner and application role; made once, then the same again."""
        return await create_department_database(
            self.url(),
            name,
            owner_password=self._passwords.make(f"{name}_owner"),
            app_password=self._passwords.make(name),
        )

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url())
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        await connection.close()
        return True

    def _prepare(self) -> None:
        # With the claim held and no old server left it is stale; its number may be another process's by now,
        # and PostgreSQL would then refuse to start.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        if not self._cluster.exists():
            self._init_cluster()

    def _init_cluster(self) -> None:
        draft = self._cluster.with_suffix(".new")  # renamed when complete: a half-made cluster is never used
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = self._account
        with tempfile.TemporaryFile() as password:  # unlinked: passed by descriptor, never by name
            password.write(self._passwords.make(_ADMIN).encode())
            password.flush()
            password.seek(0)
            if account is not None:
                os.chown(draft, account.uid, account.gid)
                os.fchown(password.fileno(), account.uid, account.gid)
            initdb = subprocess.run(
                [
                    *(self._binaries / "initdb", "-D", self._cluster_as_seen(draft), "-U", _ADMIN, *_LOCALE),
                    *("--data-checksums", "--auth=scram-sha-256", f"--pwfile=/dev/fd/{password.fileno()}"),
                    *("--no-sync", "--no-instructions"),
                ],
                cwd=draft,
                env={},
                pass_fds=[password.fileno()],
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                capture_output=True,
                text=True,
                check=False,
            )
        if initdb.returncode != 0:
            raise ServerFailed(f"initdb ended with {initdb.returncode}:\n{initdb.stdout}{initdb.stderr}")
        draft.rename(self._cluster)

    def _cluster_as_seen(self, directory: Path) -> str:
        """How the server's account names the directory it is started in.

        Root's data may lie where that account cannot go (/root, a temporary directory). The kernel resolves
        /proc/self/cwd without walking the path, so no directory on the way has to be opened up.
        """
        if self._account is None:
            return str(directory)
        if sys.platform != "linux":
            raise ServerFailed("PostgreSQL refuses to run as root; run as an ordinary user")
        return "/proc/self/cwd"
