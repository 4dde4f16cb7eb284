"""A department's engine. Told a load, it submits applications at that pace and says how many."""

import asyncio
import random
from time import perf_counter
from typing import Any

import uvloop

from benchmarks.departments import ARCHIVE_SERVICE, OFFICE_SERVICE, engine, submit_one
from benchmarks.workers.worker import only_warnings, orders, say
from shared.department import garbage
from shared.department.engine import Engine
from shared.department.settings import Settings

SERVICES = {service.name: service for service in (OFFICE_SERVICE, ARCHIVE_SERVICE)}


async def main() -> None:
    only_warnings()
    first: dict[str, Any] = await orders()
    department = engine(SERVICES[first["service"]], Settings(**first["settings"]))
    async with department:
        await department.start()
        garbage.search_seldom()
        say("ready")
        while load := await orders():
            say(await submit_at(department, load["rate"], load["seconds"], random.Random(load["seed"])))


async def submit_at(office: Engine, rate: float, seconds: float, rng: random.Random) -> int:
    """An open loop: Poisson arrivals, each sent at its time whether or not the ones before were answered."""
    begin = perf_counter()
    due, sent = 0.0, 0
    async with asyncio.TaskGroup() as group:
        while due < seconds:
            if due > perf_counter() - begin:
                await asyncio.sleep(max(0.001, due - (perf_counter() - begin)))
            else:
                group.create_task(submit_one(office))
                due += rng.expovariate(rate)
                sent += 1
    return sent


if __name__ == "__main__":
    uvloop.run(main())
