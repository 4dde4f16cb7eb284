"""`tongban ledger-key`: the keys that departments sign the heads of their ledgers with.

It works on a department's database and key file, whether the department runs or not; its instances and its neighbours
notice within seconds.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run, tell

if TYPE_CHECKING:
    from deploy.cli.ledger_key_work import ShownKey

app = typer.Typer(
    name="ledger-key",
    help="The keys that departments sign their ledgers with.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Department = Annotated[str, typer.Argument(metavar="DEPARTMENT")]


@app.command()
def show(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """The keys of each ledger, oldest first, and what each counts for."""
    from deploy.cli import ledger_key_work

    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)
    _, is_partial = show_rows(departments, ledger_key_work.shown, _lines, as_json=as_json, name_as="department")
    if is_partial:
        raise typer.Exit(FOUND)


@app.command()
def rotate(department: Department, stack: StackPath = None) -> None:
    """Let a fresh key follow the present one: both sign a statement, and neighbours take it without an alarm.

    Key and statement are added to the department's LEDGER_KEY_FILE. Where instances have files of their own, give each
    the new one: an instance without the new key signs nothing. The old private key may be taken out of the file then.
    """
    from deploy.cli import ledger_key_work

    with failures_told():
        reached = reach.reach(stack, department)
    answer(f"{department}: the key {run(ledger_key_work.rotated(reached))} signs from now on")


@app.command()
def withdraw(
    department: Department,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its eight digits: see `show`.")],
    after: Annotated[
        int, typer.Option(metavar="SIZE", min=0, help="Heads that it signed of more events than this are invalid.")
    ],
    stack: StackPath = None,
) -> None:
    """Withdraw an earlier key that was stolen: its heads beyond this size of the ledger are invalid.

    The present key is rotated first. Proofs that were made with the withdrawn key up to that size stay good.
    """
    from deploy.cli import ledger_key_work

    with failures_told():
        reached = reach.reach(stack, department)
    run(ledger_key_work.withdrawn(reached, key, after))
    answer(f"{department}: the key {key} counts for {after} events and no more")


@app.command()
def accept(department: Department, stack: StackPath = None) -> None:
    """Let the key of the LEDGER_KEY_FILE sign, though the one before has not signed for it: only if that is lost.

    A key is made if there is no file. Neighbours raise the alarm `key` until each has run `tongban witness renew`.
    """
    from deploy.cli import ledger_key_work

    with failures_told():
        reached = reach.reach(stack, department)
    key = run(ledger_key_work.accepted(reached))
    answer(f"{department}: the key {key} signs from now on")
    tell(f"start {department} anew; its neighbours will be alarmed: run `tongban witness renew` at each")


def _lines(department: str, key: "ShownKey") -> Iterator[str]:
    what = "signs now" if key.until is None else f"counts for {key.until} events and no more"
    withdrawn = ", WITHDRAWN" if key.is_withdrawn else ""
    yield f"{department}: {key.id}  {what}{withdrawn}, since {key.since:%Y-%m-%d %H:%M:%S}Z at {key.size} events"
