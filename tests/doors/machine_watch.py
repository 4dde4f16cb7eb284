"""What a department's processes take while something is done: processor seconds, and memory at its highest."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

EVERY = 0.02  # seconds between looks
MIB = 1024 * 1024


@dataclass
class Taken:
    """Of a department and all that it started. Memory is PSS: shared pages are divided among those who share them."""

    processor: float = 0.0  # seconds
    peak: float = 0.0  # MiB of all of them
    own_peak: float = 0.0  # MiB of the department's own process


@contextmanager
def watched(pid: int) -> Iterator[Taken]:
    """Filled at the end; `peak` grows meanwhile."""
    taken = Taken()
    root = psutil.Process(pid)
    before = _seconds(root)
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            _look(root, taken)
            ended.wait(EVERY)

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        yield taken
    finally:
        ended.set()
        watching.join()
        _look(root, taken)
        # children that ended are counted with those who waited for them
        taken.processor = max(_seconds(root) - before, 0.0)


def _look(root: psutil.Process, taken: Taken) -> None:
    memory = 0.0
    for process in _all(root):
        try:
            its_own = process.memory_full_info().pss / MIB
        except psutil.Error:
            continue
        memory += its_own
        if process == root:
            taken.own_peak = max(taken.own_peak, its_own)
    taken.peak = max(taken.peak, memory)


def _seconds(root: psutil.Process) -> float:
    """Of it, its children and those of theirs that ended."""
    total = 0.0
    for process in _all(root):
        try:
            total += sum(process.cpu_times()[:4])  # user, system, of children that ended
        except psutil.Error:
            continue
    return total


def _all(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []
