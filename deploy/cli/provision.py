"""`tongban provision`: village accounts, and their seals, from one CSV file."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import FOUND, StackPath, run, tell
from deploy.names import ADMINISTRATOR

PASSWORD = "TONGBAN_PASSWORD"  # noqa: S105 - names of variables
KEEPER_PASSWORD = "TONGBAN_KEEPER_PASSWORD"  # noqa: S105


def provision(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns login, name, id_number, division, roles, seal.")
    ],
    stack: StackPath = None,
    url: Annotated[str | None, typer.Option(help="Where identity runs, instead of where the stack says.")] = None,
    certificates_url: Annotated[str | None, typer.Option(help="Where certificates runs, if seals are wanted.")] = None,
    login: Annotated[str, typer.Option(help=f"An administrator; their password in {PASSWORD}.")] = ADMINISTRATOR,
    keeper: Annotated[
        str | None, typer.Option(help=f"A keeper of seals, if seals are wanted; their password in {KEEPER_PASSWORD}.")
    ] = None,
) -> None:
    """Appoint everybody in a file, and apply for the seals and signatures it asks for.

    One-time passwords go to FILE.passwords.csv, lines to correct to FILE.errors.csv. Accounts that exist stay as they
    are, so run it again after a break-off or when the errors are corrected.
    """
    from deploy.cli import provision_work
    from deploy.provision import reports
    from deploy.provision.reached import Reached

    reached = Reached(stack, {"identity": url, "certificates": certificates_url})
    outcome = run(provision_work.provision(file, reached, login, keeper, (PASSWORD, KEEPER_PASSWORD)))
    reports.write_errors(reports.errors_beside(file), outcome.wrong)
    tell(f"accounts: {outcome.new} appointed, {outcome.unchanged} were there already")
    if outcome.seals or outcome.seals_unchanged:
        tell(
            f"seals and signatures: {outcome.seals} applied for and made, {outcome.seals_unchanged} were there already"
        )
    if outcome.new:
        tell(f"one-time passwords: {reports.passwords_beside(file)} (hand them out, then delete the file)")
    if outcome.wrong:
        tell(f"{len({one.line for one in outcome.wrong})} lines to correct: {reports.errors_beside(file)}")
        raise typer.Exit(FOUND)
