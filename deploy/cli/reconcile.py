"""`tongban reconcile`: is everything that was decided logged, published, received and applied?"""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, tell
from deploy.nats_permissions import SHARING_FILE
from deploy.reach import reach_all
from deploy.reconcile import FeedAccount, Taken, party, until_clean
from deploy.runner.errors import StackError
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import read_catalogue

WIDTH = 120  # of what is written to a file
NUMBERS = ("decided", "logged", "published", "in broker")


def reconcile(
    data: DataDir = DEFAULT_DATA_DIR,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Look again until nothing differs or the time is over.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
) -> None:
    """Compare each feed at its provider, in the broker and at every subscriber. Exit code 1 when they differ.

    Departments may be stopped; their databases and the broker must answer. A department that runs elsewhere is found by
    <NAME>_DATABASE_URL and <NAME>_NATS_URL.
    """
    with failures_told():
        parties = [party(reached) for reached in reach_all(data)]
        if not parties:
            raise StackError(f"no department is known in {data}: name its stack's directory with --data")
        accounts = asyncio.run(until_clean(parties, read_catalogue(SHARING_FILE, CONTRACTS), wait, _progress))
    is_clean = all(account.is_clean for account in accounts)
    if as_json:
        feeds = [account.model_dump() for account in accounts]
        answer(json.dumps({"is_clean": is_clean, "feeds": feeds}, indent=1, ensure_ascii=False))
    else:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
        console.print(table(accounts))
        for line in remarks(accounts):
            console.print(line, soft_wrap=True)
    if not is_clean:
        raise typer.Exit(1)


def _progress(accounts: Sequence[FeedAccount]) -> None:
    feeds = ", ".join(account.feed for account in accounts if not account.is_clean)
    tell(f"not the same everywhere yet: {feeds}")


def table(accounts: Sequence[FeedAccount]) -> Table:
    """A row for each feed and subscriber."""
    shown = Table(box=None)
    shown.add_column("feed", no_wrap=True)
    for number in NUMBERS:
        shown.add_column(number, justify="right")
    shown.add_column("subscriber", no_wrap=True)
    for number in ("in inbox", "applied"):
        shown.add_column(number, justify="right")
    for account in accounts:
        numbers = (account.decided, account.logged, account.published, account.in_broker)
        first = [account.feed, *map(_shown, numbers)]
        for place, taken in enumerate(account.subscribers or [None]):
            shown.add_row(*(first if place == 0 else [""] * len(first)), *_taken(taken))
    return shown


def remarks(accounts: Sequence[FeedAccount]) -> Iterator[str]:
    """What differs, and what is told beside it: a line each, under the table."""
    for account in accounts:
        yield from (f"[red]{account.feed}: {difference}[/red]" for difference in account.differences)
        yield from (f"{account.feed}: {remark}" for remark in account.remarks)
        for taken in account.subscribers:
            place = f"{account.feed} at {taken.subscriber}"
            yield from (f"[red]{place}: {difference}[/red]" for difference in taken.differences)
            yield from (f"{place}: {remark}" for remark in taken.remarks)


def _taken(taken: Taken | None) -> tuple[str, str, str]:
    return (taken.subscriber, _shown(taken.inbox), _shown(taken.applied)) if taken else ("", "", "")


def _shown(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
