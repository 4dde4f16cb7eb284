"""How much memory a stack takes."""

from collections.abc import Mapping

import psutil

MIB = 1024 * 1024


def resident(pids: Mapping[str, int]) -> dict[str, float]:
    """MiB of resident memory (RSS) of each process and all its children; what they share counts in each of them."""
    return {name: _family(pid) / MIB for name, pid in pids.items()}


def _family(pid: int) -> int:
    parent = psutil.Process(pid)
    return sum(_rss(process) for process in [parent, *parent.children(recursive=True)])


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # a connection's backend that ended meanwhile
        return 0
