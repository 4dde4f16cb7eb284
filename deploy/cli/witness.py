"""`tongban witness`: what a department holds of its neighbours' ledgers, and a new era once an alarm was looked into.

It works on the department's database, whether the department runs or not; one that runs notices at the next head.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, failures_told, operator, run, tell

if TYPE_CHECKING:
    from shared.messaging.witness_eras import Held

app = typer.Typer(
    name="witness",
    help="What a department holds of its neighbours' ledgers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What it holds of each neighbour: era, events witnessed, alarms. Exit code 1 when an alarm stands, when
    there is no stack, or when a department's database does not answer.
    """
    from deploy.cli import witness_work

    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)
    found, is_partial = show_rows(departments, witness_work.held, _lines, as_json=as_json, name_as="witness")
    if is_partial or any(held.alarms for held in found):
        raise typer.Exit(FOUND)


@app.command()
def renew(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT", help="The witness.")],
    neighbour: Annotated[str, typer.Argument(metavar="NEIGHBOUR", help="The one it is alarmed about.")],
    reason: Annotated[str, typer.Option(help="What you found. Anyone may read it: name nobody.")],
    stack: StackPath = None,
    force: Annotated[bool, typer.Option("--force", help="Also where no alarm stands.")] = False,
) -> None:
    """Begin a new era for a neighbour, once its alarms were looked into and were honest: a restored backup, a new key.

    It is witnessed anew from its first event on, with the key it shows then. What was witnessed before stays, with
    its alarms and your reason.
    """
    from deploy.cli import witness_work

    stated = witness_work.reason_in(reason)
    if stated is None:
        raise typer.BadParameter("say why, on one line of 3 to 500 characters", param_hint="--reason")
    with failures_told():
        reached = reach.reach(stack, department)
    era = run(witness_work.renewed(reached, neighbour, stated, operator(), is_forced=force))
    tell(f"{department} witnesses {neighbour} in era {era} now, from its first event on")


def _lines(witness: str, held: "Held") -> Iterator[str]:
    since = f", since {held.since:%Y-%m-%d %H:%M:%S}Z" if held.since else ""
    yield f"{witness}: {held.department}  era {held.era}, {held.size} events witnessed{since}"
    for alarm in held.alarms:
        yield f"  ALARM {alarm.kind} at {alarm.raised_at:%Y-%m-%d %H:%M:%S}Z, {alarm.size} events witnessed then"
    for era in held.begun:
        yield f"  era {era.era} begun {era.begun_at:%Y-%m-%d %H:%M:%S}Z by {era.begun_by}: {era.reason}"
