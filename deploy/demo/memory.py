"""How much memory a stack takes."""

from collections.abc import Mapping

import psutil

MIB = 1024 * 1024
IS_SHARED_OUT = psutil.LINUX  # `/proc/<pid>/smaps_rollup`


def resident(pids: Mapping[str, int]) -> dict[str, float]:
    """MiB of each process and all its children, a page that several share divided among them (PSS), so that the sum is
    what the machine lacks. Where the system does not tell that: resident memory (RSS), shared pages counted in each."""
    return {name: _family(pid) / MIB for name, pid in pids.items()}


def _family(pid: int) -> int:
    parent = psutil.Process(pid)
    return sum(_share(process) for process in [parent, *parent.children(recursive=True)])


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss if IS_SHARED_OUT else process.memory_info().rss)
    except psutil.NoSuchProcess:  # a connection's backend that ended meanwhile
        return 0
