"""Rebuilds the office's read model when told to, as `tongban rebuild` does: in a process of its own that steps back."""

import os
from time import perf_counter
from typing import Any

import uvloop

from benchmarks.applications import APPLICATIONS
from benchmarks.departments import CONTRACTS, OFFICE_SERVICE
from benchmarks.workers.worker import only_warnings, orders, say
from shared.department import garbage
from shared.eventstore.building import Progress
from shared.eventstore.pace import NICE, Pace
from shared.eventstore.rebuild import rebuild


async def main() -> None:
    only_warnings()
    first: dict[str, Any] = await orders()
    os.nice(NICE)
    garbage.search_seldom()
    say("ready")
    while order := await orders():
        say(await rebuilt(first["database_url"], Pace(share=order["share"])))


async def rebuilt(url: str, pace: Pace) -> dict[str, float]:
    last = Progress(0, 0)

    def told(progress: Progress) -> None:
        nonlocal last
        last = progress

    begin = perf_counter()
    await rebuild(url, APPLICATIONS, OFFICE_SERVICE.registry(CONTRACTS), pace=pace, told=told)
    return {"events": last.done, "seconds": perf_counter() - begin}


if __name__ == "__main__":
    uvloop.run(main())
