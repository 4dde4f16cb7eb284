"""`tongban demo`: start everything, play the stories, print a summary, stop."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import FOUND, run_until_signalled
from deploy.demo.wording import Spoken
from deploy.names import NAMES


def demo(
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the stack's data here; without it they are thrown away."),
    ] = None,
    kill: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"kill -9 this department in the middle of a story: {', '.join(NAMES)}."),
    ] = None,
    papers: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the certificate here; without it in a new temporary folder that stays."),
    ] = None,
    language: Annotated[Spoken, typer.Option(help="Language of the telling.")] = Spoken.both,
) -> None:
    """Start a stack of its own on free ports, play the stories with a live view, print a summary, stop.

    Exit code 0 only if everything in the stories was as it should be.
    """
    from deploy.demo.performance import Performance, teller_for

    if kill is not None and kill not in NAMES:
        raise typer.BadParameter(f"there is no department {kill}; there are {', '.join(NAMES)}", param_hint="--kill")
    performance = Performance(kill, teller_for(language), papers)
    run_until_signalled(performance.give(data))
    if not performance.held:
        raise typer.Exit(FOUND)
