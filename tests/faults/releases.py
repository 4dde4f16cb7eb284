"""Two instances of certificates behind the gateway, replaced one after the other by a newer release, and back.

The newer release is a copy of this one with a type of event, a read model's version and a migration more. Nothing may
be lost or happen twice; whoever asks meanwhile is answered, if need be after a 503 that lasts a moment.
"""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from deploy.departments import DEPARTMENTS, Department
from deploy.embedded.ports import free_port
from deploy.runner.department_process import DepartmentProcess
from deploy.runner.stack_file import address
from shared.eventstore.passing import allow_roll_back
from tests.deploy.nginx import Gateway, nginx_binary
from tests.faults.commands import Client
from tests.faults.fault import Fault, NotHere
from tests.faults.processes import is_ready
from tests.faults.town import Scene
from tests.until import until

ROOT = Path(__file__).parents[2]
NAME = "certificates"
LONGEST_WAIT = 1.0  # seconds for which a command is answered 503 at a stretch
MODEL = Path("services/certificates/read_models/acting_guardians.py")
FEED = Path("shared/contracts/certificates.py")
SERVICE = Path("services/certificates/service.py")
EVENT = '''

class ReleaseTried(Event):
    """Of a newer release alone."""

    text: str

'''
HOOK = """

async def _try(engine, settings):
    from uuid import uuid4
    from shared.contracts.certificates import ReleaseTried
    from shared.eventstore.aggregate import Aggregate, Context

    tried = Aggregate("release", None, lambda _, event: [event], lambda state, _: state)
    await engine.store.execute(f"release-{uuid4()}", tried, ReleaseTried(text="newer"), Context())


SERVICE = replace(SERVICE, on_standing=(*SERVICE.on_standing, _try))
"""


def newer_release(to: Path) -> Path:
    """A copy of the packages that differs as a next release does."""
    for package in ("shared", "services", "deploy"):
        shutil.copytree(ROOT / package, to / package, ignore=shutil.ignore_patterns("__pycache__"))
    (to / "shared/eventstore/migrations/9999_next.sql").write_text(
        "create table next_release (note text);\nalter table drafts add column next_release text;\n"
    )
    _edit(to / MODEL, "version=1,", "version=2,")
    _edit(to / FEED, "\nclass ApplicationWithdrawn(Event):", f"{EVENT}\nclass ApplicationWithdrawn(Event):")
    _edit(to / FEED, "        ApplicationWithdrawn,\n", "        ApplicationWithdrawn,\n        ReleaseTried,\n")
    service = to / SERVICE
    service.write_text(f"{service.read_text()}\nfrom dataclasses import replace\n{HOOK}")
    return to


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new, 1))


class Instance:
    """One of the two: the same place and port, whichever release runs in it."""

    def __init__(self, department: Department, home: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._department = department
        self._home = home
        self._environment = environment
        self._process: DepartmentProcess | None = None

    @property
    def at(self) -> str:
        return address(self.port)

    async def run(self, release: Path) -> None:
        """Returns when it can serve."""
        environment = {**self._environment, "PYTHONPATH": str(release)}
        self._process = DepartmentProcess(self._department, self._home, self.port, environment)
        await self._process.start()
        await until(lambda: is_ready(self.at), timeout=120, what=f"{self._home.name} is ready")

    async def stop(self) -> None:
        if self._process is not None:
            await self._process.stop()


@asynccontextmanager
async def gateway(home: Path, ports: list[int]) -> AsyncIterator[str]:
    """The shipped one, before certificates alone, without TLS and its limits on one client. Yields its address."""
    binary = nginx_binary()
    if binary is None:
        raise NotHere("nginx is not installed here")
    home.mkdir()
    made = Gateway(home)
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in ports)
    configuration = made.write(
        ports[0],
        {
            "http://$department:8080": "http://pair",
            "    include problems.conf;": f"    upstream pair {{ {servers}}}\n    include problems.conf;",
            " ssl default_server": " default_server",
            'map $host $department {\n        default "";': "map $host $department {\n        default certificates;",
            "rate=50r/s": "rate=100000r/s",
            "rate=5r/s": "rate=100000r/s",
            "limit_conn connections 64;": "",
        },
    )
    with (home / "errors.log").open("wb") as errors:
        command = [binary, "-e", "stderr", "-c", str(configuration), "-g", "daemon off; user root;"]
        process = subprocess.Popen(command, stderr=errors)
    try:
        yield f"http://127.0.0.1:{made.https}"
    finally:
        process.terminate()
        process.wait(30)


def releases(times: int) -> Fault:
    """Forward and back so often."""

    async def strike(scene: Scene, client: Client) -> str:
        with tempfile.TemporaryDirectory(prefix="tongban-release-") as directory:
            newer = newer_release(Path(directory))
            waits = await _roll(scene, client, newer, times)
        worst = max(waits, default=0.0)
        assert worst < LONGEST_WAIT, f"a command was answered 503 for {worst:.2f} s"
        failed = [status for status in client.record.statuses if re.match("5", status) and status != "503"]
        assert not failed, f"answered {failed}"
        return f"{times} forward and back; {len(waits)} commands met a 503, for {worst:.2f} s at most"

    return Fault(f"a newer release and back, {times} times", strike)


async def _roll(scene: Scene, client: Client, newer: Path, times: int) -> list[float]:
    department = next(one for one in DEPARTMENTS if one.name == NAME)
    environment = {**await scene.stack._environment(department), "METRICS_PORT": "", "DRAIN_SECONDS": "1"}
    home = scene.stack.data_dir
    pair = [Instance(department, home / f"{NAME}-{n}", environment) for n in (2, 3)]
    direct = client.addresses[NAME]
    try:
        for instance in pair:
            await instance.run(ROOT)
        async with gateway(home / f"gateway-{time.monotonic_ns()}", [one.port for one in pair]) as at:
            client.addresses[NAME] = [at]
            await scene.halt(NAME)
            client.record.waits.clear()
            for _ in range(times):
                for release in (newer, ROOT):
                    if release == ROOT:
                        await _allow(environment["DATABASE_OWNER_URL"])
                    for instance in pair:
                        await instance.stop()
                        await instance.run(release)
            waits = list(client.record.waits)
            await scene.resume(NAME)
            await until(lambda: is_ready(direct[0]), timeout=120, what="the runner's own is back")
            client.addresses[NAME] = direct
        return waits
    finally:
        client.addresses[NAME] = direct
        for instance in pair:
            await instance.stop()


async def _allow(owner_url: str) -> None:
    owner = await asyncpg.connect(owner_url)
    try:
        await allow_roll_back(owner)
    finally:
        await owner.close()
