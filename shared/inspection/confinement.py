"""Takes from a process what an examination does not need. What holds where: docs/decisions/0014.

Everywhere: processor time, memory, no core dump, no file or socket can be opened, as no descriptor is free. On Linux
besides: no system calls that start programs or reach others (`system_calls`), an own empty network where the kernel
lets us have one, the first to be ended when memory runs out, ended with the one that started it.
"""

import codecs
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from shared.inspection import system_calls
from shared.inspection.limits import LOW_PRIORITY, Limits

CODECS: Final = ("utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "latin-1", "cp1252", "gb18030", "idna")
for _codec in CODECS:  # loaded when first needed, which would be too late
    codecs.lookup(_codec)

NEW_NETWORK: Final = 0x40000000  # <sched.h>
NEW_USER: Final = 0x10000000
PR_SET_PDEATHSIG: Final = 1
AFTER: Final = 5.0  # seconds beyond the deadline


def leave_the_network() -> bool:
    """Whether this process, and all that it starts, has from now on a network of its own with nothing in it."""
    if sys.platform != "linux":
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (NEW_NETWORK, NEW_USER | NEW_NETWORK))


def confine(limits: Limits, parent: int) -> None:
    """For good. What is not loaded by now cannot be loaded any more. `parent`: whose end is ours."""
    signal.setitimer(signal.ITIMER_REAL, limits.wall + AFTER)  # should nobody be there to end us
    os.nice(LOW_PRIORITY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _bound(resource.RLIMIT_CPU, limits.processor, limits.processor + 1)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before that
            os._exit(1)
        _end_me_first()
    _bound(resource.RLIMIT_AS, _addresses() + limits.memory)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    system_calls.forbid()


def _bound(what: int, soft: int, hard: int | None = None) -> None:
    """Never more than we may have ourselves."""
    most = resource.getrlimit(what)[1]
    wanted = soft if hard is None else hard
    least = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(what, (min(soft, least), least))


def _addresses() -> int:
    """Bytes of addresses that this process has mapped."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[0]
    except OSError:
        return 512 * 1024 * 1024  # unknown: more than any of ours has
    return int(pages) * resource.getpagesize()


def _end_me_first() -> None:
    """Should the machine run out of memory."""
    try:
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    except OSError:
        return  # it is not ours to say here; the limits hold all the same
