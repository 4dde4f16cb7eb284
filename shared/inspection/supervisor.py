"""The inspector's own process: takes files from the department, has each examined by a child, hands back the results.

It copies bytes and never looks into them. It is started without the department's environment, memory or descriptors;
standard input and output are all that joins them. It ends when the department does.
"""

import gc
import os
import selectors
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from shared.inspection import frames
from shared.inspection.child import Child
from shared.inspection.confinement import leave_the_network
from shared.inspection.job import Job, load
from shared.inspection.limits import Limits
from shared.inspection.outcome import Cause

STDIN, STDOUT = 0, 1
PIECE: Final = 64 * 1024  # bytes read at once


@dataclass(slots=True)
class UnderWay:
    id: int
    child: Child
    limits: Limits
    deadline: float  # by time.monotonic()
    answer: bytearray = field(default_factory=bytearray)


class Supervisor:
    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._ready = selectors.DefaultSelector()
        self._ready.register(STDIN, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the department closes its side."""
        while self._turn():
            pass
        for one in self._under_way():
            one.child.kill()

    def _turn(self) -> bool:
        soonest = min((one.deadline for one in self._under_way()), default=None)
        wait = None if soonest is None else max(0.0, soonest - time.monotonic())
        for key, _ in self._ready.select(wait):
            if key.data is not None:
                self._read(key.data)
            elif not self._take():
                return False
        for one in self._under_way():
            if one.deadline <= time.monotonic():
                self._end(one, "time")
        return True

    def _under_way(self) -> list[UnderWay]:
        return [key.data for key in self._ready.get_map().values() if key.data is not None]

    def _take(self) -> bool:
        order = frames.read(STDIN)
        if order is None:
            return False
        header, content = order
        if header["job"] is None:
            self._load_all()
            return True
        job, argument = self._jobs[header["job"]], header["argument"]
        examine = load(job.function)
        child = Child.begin(lambda: examine(content, argument), job.limits)
        one = UnderWay(header["id"], child, job.limits, time.monotonic() + job.limits.wall)
        self._ready.register(child.pipe, selectors.EVENT_READ, one)
        return True

    def _load_all(self) -> None:
        """What is loaded before the fork is shared by all children, and not loaded by each."""
        for job in self._jobs.values():
            load(job.function)
        gc.collect()
        gc.freeze()

    def _read(self, one: UnderWay) -> None:
        piece = os.read(one.child.pipe, PIECE)
        one.answer += piece
        if not piece:
            self._end(one, None)
        elif len(one.answer) > one.limits.answer:
            self._end(one, "size")

    def _end(self, one: UnderWay, cause: Cause | None) -> None:
        self._ready.unregister(one.child.pipe)
        if cause is not None:
            one.child.kill()
        frames.write(STDOUT, {"id": one.id, **asdict(one.child.end(bytes(one.answer), cause))})


def main() -> None:
    """The first frame tells the jobs; the first answer, that we are there."""
    first = frames.read(STDIN)
    if first is None:
        return
    jobs = [Job(one["name"], one["function"], Limits(**one["limits"])) for one in first[0]["jobs"]]
    os.chdir("/")
    frames.write(STDOUT, {"has_own_network": leave_the_network()})
    Supervisor(jobs).run()


if __name__ == "__main__":
    main()
