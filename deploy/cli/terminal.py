"""Speaking to the person at the terminal, and hearing Ctrl-C."""

import asyncio
import getpass
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.embedded.errors import ServerFailed
from deploy.runner.errors import StackError
from shared.contracts.errors import Misconfigured

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

DataDir = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="Where databases, streams, secrets and logs of the stack are kept."),
]
DEFAULT_DATA_DIR = Path(".tongban")

console = Console(stderr=True, highlight=False)
"""Progress and tables; standard output is for what programs read."""


def tell(sentence: str) -> None:
    """One line of progress on standard error."""
    console.print(sentence, markup=False, soft_wrap=True)


@contextmanager
def failures_told() -> Iterator[None]:
    """A failure that has a message for people: the message on standard error and exit code 1."""
    try:
        yield
    except (StackError, ServerFailed, Misconfigured) as error:
        tell(f"tongban: {error}")
        raise typer.Exit(1) from None


def run_until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Run it until it ends, or until SIGINT, SIGTERM or SIGHUP ends it gently; further signals change nothing."""
    with failures_told():
        asyncio.run(_until_signalled(work))


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    asked = False

    def ask_to_end() -> None:
        nonlocal asked
        if not asked:
            asked = True
            task.cancel()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, ask_to_end)
    try:
        await task
    except asyncio.CancelledError:
        if not asked:
            raise


def operator() -> str:
    """Who types, as it is kept beside what he decides."""
    return f"operator:{getpass.getuser()}"


def answer(text: str) -> None:
    """What a program reads: a line on standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
