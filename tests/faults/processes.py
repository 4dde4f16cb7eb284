"""Faults of processes: killed, restarted, led astray by their clocks, out of disk."""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial

import asyncpg

from deploy.departments import DEPARTMENTS, NAMES
from deploy.embedded.ports import free_port
from deploy.health import Answer, ask
from deploy.runner.department_process import DepartmentProcess
from deploy.runner.kept import Kept
from deploy.runner.stack_file import address
from tests.faults import disk
from tests.faults.clock import Clock
from tests.faults.commands import Client
from tests.faults.fault import Fault
from tests.faults.town import Scene
from tests.until import until

HOUR = 3600
TAKEOVER_WITHIN = 5.0  # seconds

RECORDED_LAST = """
select extract(epoch from recorded_at)::float8 from log join events using (stream, version)
order by position desc limit 1
"""


def killed(name: str) -> Fault:
    """kill -9 at moments of chance; the runner starts it again."""

    async def strike(scene: Scene, client: Client) -> str:
        moments = []
        for _ in range(1 if scene.quick else 3):
            moments.append(scene.rng.uniform(0.2, 1.0 if scene.quick else 3.0))
            await asyncio.sleep(moments[-1])
            before = scene.kept(name).server.pid
            scene.kept(name).server.kill()
            await until(partial(runs_again, scene, name, before), timeout=60, what=f"{name} runs again")
            await scene.stack.ready()
        return "after " + ", ".join(f"{moment:.2f} s" for moment in moments)

    return Fault(f"kill -9 {name}", strike)


def runs_again(scene: Scene, name: str, before: int) -> bool:
    return scene.stack.pids.get(name, before) != before


async def restart_postgres(scene: Scene, client: Client) -> str:
    await scene.halt("postgres")
    await scene.resume("postgres")
    await scene.stack.ready()
    return ""


async def jump_clocks(scene: Scene, client: Client) -> str:
    """Every department's wall clock, an hour ahead and an hour back, while commands are decided."""
    clock = Clock(scene.stack.data_dir)
    ordinary = {name: scene.stack._departments[name] for name in NAMES}
    try:
        for department in DEPARTMENTS:
            await scene.halt(department.name)
            environment = {**await scene.stack._environment(department), **clock.environment}
            home = scene.stack.data_dir / department.name
            process = DepartmentProcess(department, home, scene.stack._ports[department.name], environment)
            scene.stack._departments[department.name] = Kept(department.name, process, scene.stack._tell)
            await scene.resume(department.name)
        await scene.stack.ready()
        for jump in (HOUR, 0, -HOUR, HOUR):
            clock.set(jump)
            await asyncio.sleep(1.0 if scene.quick else 4.0)
            off = await recorded_last(scene) - datetime.now(UTC).timestamp()
            assert abs(off - jump) < HOUR / 2, f"the clock is to be {jump} s off, and the last event's is {off:.0f} s"
        return "an hour ahead, right, an hour back, two ahead"
    finally:
        clock.set(0)
        for name, kept in ordinary.items():
            await scene.halt(name)
            scene.stack._departments[name] = kept
            await scene.resume(name)
        await scene.stack.ready()


async def recorded_last(scene: Scene) -> float:
    """When, by their own clocks, certificates recorded its latest event; seconds since 1970."""
    connection = await asyncpg.connect(scene.department("certificates").database_url)
    try:
        recorded: float = await connection.fetchval(RECORDED_LAST)
    finally:
        await connection.close()
    return recorded


async def lose_leader(scene: Scene, client: Client) -> str:
    """Two instances of certificates share the work; the one that leads is killed, the other takes over."""
    department = next(one for one in DEPARTMENTS if one.name == "certificates")
    environment = await scene.stack._environment(department)
    port = free_port()
    second = DepartmentProcess(department, scene.stack.data_dir / "certificates-2", port, environment)
    first_at, second_at = scene.stack.addresses["certificates"], address(port)
    await second.start()
    try:
        client.addresses["certificates"] = [first_at, second_at]
        await asyncio.sleep(1)
        await scene.halt("certificates")  # what the runner keeps would be started again too soon to be replaced
        await until(lambda: leads(second_at), what="the second instance leads")
        await scene.resume("certificates")
        await until(lambda: is_ready(first_at), timeout=30, what="the first is back")
        assert not await leads(first_at)
        await asyncio.sleep(scene.rng.uniform(0.5, 1.5))
        second.kill()
        began = time.monotonic()
        await until(lambda: leads(first_at), timeout=30, every=0.02, what="the other instance leads")
        took = time.monotonic() - began
        assert took < TAKEOVER_WITHIN, f"the other instance took over after {took:.1f} s"
        return f"took over after {took:.2f} s"
    finally:
        client.addresses["certificates"] = [first_at]
        second.kill()


async def health(at: str) -> Answer:
    return await ask("certificates", at)


async def leads(at: str) -> bool:
    told = (await health(at)).health
    return bool(told and told["is_leading"])


async def is_ready(at: str) -> bool:
    return (await health(at)).is_ready


async def fill_disk(scene: Scene, client: Client) -> str:
    """PostgreSQL's disk is full: commands are answered 503, and taken again when there is room."""
    with disk.filled(scene.stack.data_dir / "postgres"):
        await until(lambda: client.record.statuses["503"] > 20, timeout=60, what="commands are answered 503")
        await asyncio.sleep(3 if scene.quick else 8)
        refused = client.record.statuses["503"]
    accepted = len(client.record.accepted)
    await until(lambda: len(client.record.accepted) > accepted + 20, timeout=60, what="commands are accepted again")
    return f"{refused:,} answers of 503"
