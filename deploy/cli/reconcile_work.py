"""Compares the feeds of a stack, and shows them."""

import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from deploy.cli.terminal import console, tell
from deploy.reach import Reached
from deploy.reconcile import FeedAccount, Taken, party, until_clean

WIDTH = 120  # of what is written to a file
NUMBERS = ("decided", "logged", "published", "in broker")


async def compared(departments: Sequence[Reached], wait: float) -> list[FeedAccount]:
    """The last look: the first that is clean, or the one when `wait` seconds are over."""
    parties = [party(reached) for reached in departments]
    if console().is_terminal:
        tell(f"comparing the feeds of {', '.join(one.name for one in parties)} …")
    return await until_clean(parties, departments[0].sharing, wait, _progress)


def show(accounts: Sequence[FeedAccount]) -> None:
    """On standard output."""
    output = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    output.print(table(accounts))
    for line in remarks(accounts):
        output.print(line, soft_wrap=True)


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
    """Differences and remarks: a line each, under the table."""
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
