"""`tongban rebuild`: build a read model anew beside the one that serves, and swap them."""

from typing import Annotated

import typer

from deploy import reach
from deploy.cli.terminal import FOUND, StackPath, failures_told, run


def rebuild(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    model: Annotated[str | None, typer.Argument(metavar="MODEL")] = None,
    stack: StackPath = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every read model of the department, one after the other.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over, also where a build was left half done.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare with what serves. Exit code 1 when they differ.")
    ] = False,
    rate: Annotated[
        float | None,
        typer.Option(metavar="EVENTS", min=1, help="Events a second; without it, a quarter of the time."),
    ] = None,
) -> None:
    """Build a read model anew from the department's own database, while it serves or while it is stopped.

    Requests go on; readers and writers move to the new tables in one moment. Interrupted, the same command goes on
    where it was. Neither broker nor other departments are needed.
    """
    from deploy.cli import rebuild_work

    with failures_told():
        reached = reach.reach(stack, department)
        chosen = rebuild_work.chosen(reached, model, is_all=all_)
    work = rebuild_work.work(reached, chosen, rate, fresh=fresh, check=check)
    found = run(work, stopped="stopped; the same command goes on from here")
    if found:
        raise typer.Exit(FOUND)
