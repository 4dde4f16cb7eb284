"""PostgreSQL's own client programs: pg_basebackup, pg_receivewal, pg_dump, pg_restore."""

import asyncio
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path

from deploy.embedded.errors import NotInstalled
from deploy.embedded.postgres_binaries import postgres_binaries
from deploy.runner.errors import StackError

_TAIL = 2000  # characters of what a failed program said

Said = Callable[[str], None]
"""Takes each piece of what a program says on standard error."""


def program(name: str) -> Path:
    """Of the embedded PostgreSQL, else the one on the path. StackError: there is none."""
    try:
        found = postgres_binaries(None) / name
    except NotInstalled:
        on_path = shutil.which(name)
        if on_path is None:
            raise StackError(f"{name} is not installed: install PostgreSQL's client programs") from None
        found = Path(on_path)
    return found


def environment(password: str, name: str = "tongban backup") -> dict[str, str]:
    """The password is no argument: arguments of a process are seen by everybody on the machine."""
    kept = {variable: value for variable, value in os.environ.items() if not variable.startswith("PG")}
    return {**kept, "PGPASSWORD": password, "PGAPPNAME": name, "LC_ALL": "C"}


async def output(name: str, *arguments: str | Path) -> str:
    """Of a program that asks no server. StackError: it failed."""
    process = await asyncio.create_subprocess_exec(
        program(name), *map(str, arguments), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment("")
    )
    told, _ = await process.communicate()
    if process.returncode != 0:
        raise StackError(f"{name} ended with {process.returncode}")
    return told.decode(errors="replace")


async def run(
    name: str,
    *arguments: str | Path,
    password: str,
    session: str = "tongban backup",
    said: Said = lambda _: None,
    output_to: int = DEVNULL,
) -> None:
    """`session`: what the server calls it. `output_to`: a descriptor. StackError: it failed; the sentence ends with
    what it said."""
    process = await asyncio.create_subprocess_exec(
        program(name),
        *map(str, arguments),
        stdin=DEVNULL,
        stdout=output_to,
        stderr=PIPE,
        env=environment(password, session),
        start_new_session=True,  # with its own children, which have to end with it
    )
    assert process.stderr is not None
    told = ""
    try:
        while piece := await process.stderr.read(4096):
            text = piece.decode(errors="replace")
            said(text)
            told = (told + text)[-_TAIL:]
        code = await process.wait()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code != 0:
        lines = [line for line in re.split(r"[\r\n]+", told) if line.strip()]
        raise StackError(f"{name} ended with {code}: {' '.join(lines[-3:])}")
