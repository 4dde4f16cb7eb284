"""`tongban intake`: one-thing cases that a township wrote down while it had no network, handed in, each once."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run, tell

PASSWORD = "TONGBAN_PASSWORD"  # noqa: S105 - name of a variable


def intake(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines: definition, applicant, card_seen, form.")],
    login: Annotated[str, typer.Option(help=f"Who took them down, of a counter; their password in {PASSWORD}.")],
    stack: StackPath = None,
    url: Annotated[str | None, typer.Option(help="Where cases runs, instead of where the stack says.")] = None,
    identity_url: Annotated[str | None, typer.Option(help="Where identity runs, if --url is given.")] = None,
) -> None:
    """Hand in every case of a file. Broken off, run it again: what was handed in before is not handed in twice.

    Prints line and case of each; lines to correct go to FILE.errors.csv.
    """
    from deploy.cli import intake_work
    from deploy.provision import reports
    from deploy.provision.reached import Reached

    with failures_told():
        entries, wrong = intake_work.read(file)
    reached = Reached(stack, {"cases": url, "identity": identity_url})
    taken = run(intake_work.hand_in(entries, login, reached, PASSWORD))
    taken.wrong += wrong
    for line, case in taken.cases.items():
        answer(f"{line}\t{case}")
    reports.write_errors(reports.errors_beside(file), taken.wrong)
    tell(f"{len(taken.cases)} handed in, {taken.there_already} were there already")
    if taken.wrong:
        tell(f"{len({one.line for one in taken.wrong})} lines to correct: {reports.errors_beside(file)}")
        raise typer.Exit(FOUND)
