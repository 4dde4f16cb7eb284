"""`tongban verify`: is the stored history what it was?"""

from typing import Annotated

import typer

from deploy import known_stack
from deploy.cli.terminal import FOUND, StackPath, failures_told, run


def verify(
    department: Annotated[str | None, typer.Argument(help="This one alone; else every department reached.")] = None,
    stack: StackPath = None,
) -> None:
    """Make every leaf and the whole ledger again from the stored bytes, and compare with log, nodes and neighbours.

    A department's database is the one that the stack or <NAME>_DATABASE_URL names; its neighbours are asked at the
    addresses of that stack, or at <NAME>_HTTP_URL.

    What a witness holds in its present era is compared; the eras it has closed are named, and are no finding.

    Exit code 1: an event was altered, an alarm stands, or a department could not be looked at. 3: nothing was found,
    but a witness could not be heard.
    """
    from rich.console import Console

    from deploy.cli import verify_work

    with failures_told():
        known = known_stack.find(stack)
    heard = run(verify_work.verify_all(known, [department] if department else None))
    code = 0
    if heard.answers:
        code = verify_work.show(list(heard.answers.values()), Console(highlight=False))
    raise typer.Exit(FOUND if heard.tell_failures() else code)
