"""Examinations that do what hostile files make parsers do."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from shared.contracts.errors import Invalid
from shared.inspection.job import Job
from shared.inspection.limits import MIB, Limits
from shared.inspection.outcome import BeyondLimits
from shared.standards.text import Text

HERE = __name__
SMALL = Limits(content=MIB, processor=1, wall=5.0, memory=64 * MIB, answer=1024)


def echo(content: bytes, argument: Any) -> Any:
    return {"length": len(content), "argument": argument}


def spin(content: bytes, argument: Any) -> Any:
    while True:
        pass


def wait(content: bytes, argument: Any) -> Any:
    threading.Event().wait()


def grow(content: bytes, argument: Any) -> Any:
    return len(b"x" * (1024 * MIB))


def die(content: bytes, argument: Any) -> Any:
    os.abort()


def leave(content: bytes, argument: Any) -> Any:
    os._exit(0)


def babble(content: bytes, argument: Any) -> Any:
    return "x" * 10_000


def recurse(content: bytes, argument: Any) -> Any:
    return recurse(content, argument)


def say_no(content: bytes, argument: Any) -> Any:
    text = Text("不行。", "No.")
    raise Invalid("no", *text, fields={"file": text})


def hold_too_much(content: bytes, argument: Any) -> Any:
    raise BeyondLimits("pages")


def escape(content: bytes, argument: Any) -> Any:
    """What was tried to get out, and came back with an error. Each entry is a way that is shut."""
    shut = []
    for way in (_open, _connect, _fork, _run, _kill_parent, _raise_limit):
        try:
            way()
        except (OSError, ValueError) as error:
            shut.append(f"{way.__name__}: {type(error).__name__}")
    return {
        "shut": [one.partition(":")[0] for one in shut],
        "environment": sorted(os.environ),
        "descriptors": [number for number in range(64) if _is_open(number)],
        "nice": os.nice(0),
    }


def _open() -> None:
    Path(sys.executable).read_bytes()


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _run() -> None:
    subprocess.run(["true"], check=True)


def _kill_parent() -> None:
    os.kill(os.getppid(), 0)


def _raise_limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def job(function: Any, limits: Limits = SMALL) -> Job:
    return Job(function.__name__, f"{HERE}:{function.__name__}", limits)
