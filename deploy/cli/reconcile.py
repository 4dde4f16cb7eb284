"""`tongban reconcile`: is everything that was decided logged, published, received and applied?"""

import json
from typing import Annotated

import typer

from deploy import reach
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run


def reconcile(
    stack: StackPath = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Look again until nothing differs or the time is over.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
) -> None:
    """Compare each feed at its provider, in the broker and at every subscriber.

    Exit code 1 when they differ, when there is no stack, or when a database or the broker does not answer. Departments
    may be stopped. What nothing is known of is named, and is no difference.
    """
    from deploy.cli import reconcile_work

    with failures_told():
        departments = reach.reach_all(stack)
    accounts = run(reconcile_work.compared(departments, wait))
    is_clean = all(account.is_clean for account in accounts)
    if as_json:
        feeds = [account.model_dump() for account in accounts]
        answer(json.dumps({"is_clean": is_clean, "feeds": feeds}, indent=1, ensure_ascii=False))
    else:
        reconcile_work.show(accounts)
    if not is_clean:
        raise typer.Exit(FOUND)
