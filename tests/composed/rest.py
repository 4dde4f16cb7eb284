"""What the stack takes when nobody asks anything of it."""

import asyncio
import re
import time
from pathlib import Path

from tests.composed.engine import Engine

LONG = 20.0  # seconds
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


async def tell_what_rest_costs(engine: Engine) -> None:
    """Health checks are among it."""
    ids = {name: one["Id"] for name, one in (await engine.containers()).items() if one["State"]["Running"]}
    before, began = {name: _used(id) for name, id in ids.items()}, time.monotonic()
    await asyncio.sleep(LONG)
    took = time.monotonic() - began
    rows = (await engine.docker("stats", "--no-stream", "--no-trunc", "--format", "{{.ID}} {{.MemUsage}}")).splitlines()
    memory = {row.split()[0]: _bytes(row.split()[1]) for row in rows}
    busy = {name: (_used(id) - before[name]) / took for name, id in ids.items()}
    for name, id in ids.items():
        print(f"  {name:24} {memory[id] / 2**20:6.0f} MiB {busy[name]:7.2%} of a processor")
    print(f"  {'all':24} {sum(memory.values()) / 2**20:6.0f} MiB {sum(busy.values()):7.2%} of a processor")


def _used(container: str) -> float:
    """Seconds of processor."""
    for file, unit in (("cpuacct.usage", 1e9), ("cpu.stat", 1e6)):
        for path in Path("/sys/fs/cgroup").rglob(f"*{container}*/{file}"):
            number = re.search(r"(?:usage_usec )?(\d+)", path.read_text())
            assert number
            return int(number[1]) / unit
    return 0.0


def _bytes(text: str) -> int:
    number = re.fullmatch(r"([0-9.]+)([A-Za-z]+)", text)
    assert number, text
    return round(float(number[1]) * UNITS[number[2]])
