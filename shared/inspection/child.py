"""One examination, in a process of its own that ends with it."""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from shared.contracts.errors import Invalid, Refused
from shared.inspection.confinement import confine
from shared.inspection.limits import Limits
from shared.inspection.outcome import CAUSES, BeyondLimits, Cause

CRASHED: Final = 1  # exit code


@dataclass(frozen=True, slots=True)
class Ended:
    """`answer` of the examination, or the `cause` it was not finished for. `processor`: seconds; `memory`: bytes."""

    answer: Mapping[str, Any] | None
    cause: Cause | None
    why: str  # for the log: a signal's or an exception's name
    processor: float
    memory: int


@dataclass(slots=True)
class Child:
    """`pipe`: where its answer comes."""

    pid: int
    pipe: int

    @classmethod
    def begin(cls, examine: Callable[[], Any], limits: Limits) -> "Child":
        """In a fork of this process, which must have one thread."""
        reading, writing = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _run(examine, limits, writing, parent)
        os.close(writing)
        return cls(pid, reading)

    def kill(self) -> None:
        """It may have ended already."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self, answer: bytes, cause: Cause | None = None) -> Ended:
        """Once its pipe is closed, or it was killed for `cause`."""
        os.close(self.pipe)
        _, status, used = os.wait4(self.pid, 0)
        told, why = _told(answer) if status == 0 and cause is None else (None, _word(status))
        if told is None:
            cause = cause or _cause(status)
        elif (beyond := told.get("beyond")) is not None:
            cause, why, told = beyond if beyond in CAUSES else "failed", str(told.get("why"))[:40], None
        size = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Ended(told, cause, why, used.ru_utime + used.ru_stime, size)


def _run(examine: Callable[[], Any], limits: Limits, pipe: int, parent: int) -> NoReturn:
    """In the child. Nothing is left to it but what it was begun with, and the pipe."""
    code = CRASHED
    try:
        _close_all_but(pipe)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        confine(limits, parent)
        _write(pipe, json.dumps(_answer(examine)).encode("ascii"))
        code = 0
    finally:
        os._exit(code)


def _answer(examine: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"result": examine()}
    except BeyondLimits as beyond:
        return {"beyond": beyond.cause, "why": "BeyondLimits"}
    except MemoryError:
        return {"beyond": "memory", "why": "MemoryError"}
    except RecursionError:
        return {"beyond": "depth", "why": "RecursionError"}
    except Refused as refused:
        fields = refused.fields if isinstance(refused, Invalid) else {}
        return {
            "refused": refused.code,
            "text": list(refused.text),
            "fields": {name: list(text) for name, text in fields.items()},
        }
    except Exception as error:  # noqa: BLE001 - from hostile bytes parsers raise whatever there is
        return {"beyond": "failed", "why": type(error).__name__}


def _close_all_but(pipe: int) -> None:
    """Among them what the inspector itself is spoken to with."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)
    os.closerange(0, pipe)
    os.closerange(pipe + 1, most)


def _write(pipe: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(pipe, view) :]


def _told(answer: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None, "no answer"
    return (told, "") if isinstance(told, dict) else (None, "no answer")


def _word(status: int) -> str:
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit {os.waitstatus_to_exitcode(status)}"


def _cause(status: int) -> Cause:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return "processor"
    return "failed"
