"""`tongban reconcile`: is everything that was decided logged, published, received and applied?"""

import asyncio
import json
from collections.abc import Sequence
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
        Console(highlight=False).print(table(accounts))
    if not is_clean:
        raise typer.Exit(1)


def _progress(accounts: Sequence[FeedAccount]) -> None:
    feeds = ", ".join(account.feed for account in accounts if not account.is_clean)
    tell(f"not the same everywhere yet: {feeds}")


def table(accounts: Sequence[FeedAccount]) -> Table:
    """A row for each feed and subscriber."""
    shown = Table("feed", box=None)
    for number in NUMBERS:
        shown.add_column(number, justify="right")
    shown.add_column("subscriber")
    for number in ("in inbox", "applied"):
        shown.add_column(number, justify="right")
    shown.add_column("remarks", overflow="fold")
    for account in accounts:
        numbers = (account.decided, account.logged, account.published, account.in_broker)
        first = [account.feed, *map(_shown, numbers)]
        for place, taken in enumerate(account.subscribers or [None]):
            own = (account.differences, account.remarks) if place == 0 else ([], [])
            shown.add_row(*(first if place == 0 else [""] * len(first)), *_taken(taken), _remarks(*own, taken))
    return shown


def _taken(taken: Taken | None) -> tuple[str, str, str]:
    return (taken.subscriber, _shown(taken.inbox), _shown(taken.applied)) if taken else ("", "", "")


def _remarks(differences: Sequence[str], remarks: Sequence[str], taken: Taken | None) -> str:
    differences = [*differences, *(taken.differences if taken else ())]
    remarks = [*remarks, *(taken.remarks if taken else ())]
    return "\n".join([*(f"[red]{difference}[/red]" for difference in differences), *remarks])


def _shown(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
