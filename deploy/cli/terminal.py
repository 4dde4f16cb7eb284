"""Speaking to the person at the terminal, and hearing Ctrl-C.

Only what every command needs is imported here: `tongban` has to start at once.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from deploy.embedded.errors import ServerFailed
from deploy.known_stack import VARIABLE
from deploy.runner.errors import StackError
from shared.contracts.errors import Misconfigured

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

FOUND = 1  # exit codes: something waits, differs or failed
TROUBLE = 3  # it works, and something is wrong
INTERRUPTED = 130

StackPath = Annotated[
    Path | None,
    typer.Option(
        "--stack",
        "--data",
        metavar="PATH",
        envvar=VARIABLE,
        help="The stack: its data directory, or a file that describes it. Without it: .tongban.",
    ),
]
DataDir = Annotated[
    Path,
    typer.Option(
        "--data",
        "--stack",
        metavar="DIR",
        envvar=VARIABLE,
        help="Where databases, streams, secrets and logs of the stack are kept.",
    ),
]
RecipientsFile = Annotated[
    Path | None,
    typer.Option(
        "--recipients-file",
        metavar="FILE",
        envvar="BACKUP_RECIPIENTS_FILE",
        help="Public keys of age that backups are encrypted for, one a line. Without it: backup-recipients.txt of the "
        "data directory, made with its private key at first use.",
    ),
]
IdentityFile = Annotated[
    Path | None,
    typer.Option(
        "--identity-file",
        metavar="FILE",
        envvar="BACKUP_IDENTITY_FILE",
        help="The private key of age that opens backups; several, one a line. Without it: backup-identity.txt of the "
        "data directory.",
    ),
]
DEFAULT_DATA_DIR = Path(".tongban")


@cache
def console() -> "Console":
    """Progress and tables on standard error; standard output is for what programs read."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def tell(sentence: str) -> None:
    """One line of progress on standard error."""
    if console.cache_info().currsize:  # a bar may stand there
        console().print(sentence, markup=False, soft_wrap=True)
    else:
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


@contextmanager
def failures_told(stopped: str = "stopped") -> Iterator[None]:
    """A failure that has a message for people: the message on standard error and exit code 1. Ctrl-C: 130."""
    try:
        yield
    except (StackError, ServerFailed, Misconfigured) as error:
        tell(f"tongban: {error}")
        raise typer.Exit(FOUND) from None
    except KeyboardInterrupt:
        tell(stopped)
        raise typer.Exit(INTERRUPTED) from None


def run(work: Coroutine[Any, Any, T], stopped: str = "stopped") -> T:
    """Do it, with failures told. Load beforehand whatever logs: this is where libraries are told to be quiet."""
    quiet()
    with failures_told(stopped):
        return asyncio.run(_as_interrupted(work))


async def _as_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """SIGTERM, of a time limit for instance, and SIGHUP end it as Ctrl-C does: with what it began put away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, signal.raise_signal, signal.SIGINT)
    return await work


def quiet() -> None:
    """What the departments' code logs goes to standard error, from warnings on."""
    if "structlog" in sys.modules:  # else nothing that logs is loaded
        import structlog

        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        )


def run_until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Run it until it ends, or until SIGINT, SIGTERM or SIGHUP ends it gently; further signals change nothing."""
    quiet()
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
    """Who types, as it is kept beside what they decide."""
    import getpass

    return f"operator:{getpass.getuser()}"


def answer(text: str) -> None:
    """What a program reads: a line on standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a table; the last column may be of any length."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
