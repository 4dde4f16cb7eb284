"""`tongban lost`: events that a department's database lost, and what became of them.

It looks into the department's database, whether the department runs or not.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, failures_told
from deploy.reach import Reached
from shared.continuity import lost_list
from shared.continuity.lost_list import Lost

app = typer.Typer(
    name="lost",
    help="Events that a department's database lost.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def lost() -> None:
    """Events that a department's database lost."""


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    recovered: Annotated[bool, typer.Option("--recovered", help="Those too that are history again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Own events that the database lost and broker or neighbours knew, of every epoch.

    Exit code 1 when there is no stack, or when a department's database does not answer.
    """
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)

    async def named(reached: Reached) -> Sequence[Lost]:
        async with reached.reading() as connection:
            return await lost_list.lost(connection, with_recovered=recovered)

    _, is_partial = show_rows(departments, named, _lines, as_json=as_json, count="named", nothing="nothing was lost")
    if is_partial:
        raise typer.Exit(FOUND)


def _lines(name: str, one: Lost) -> Iterator[str]:
    if one.nth == 0:
        what = f"{(one.last or 0) - (one.position or 0) + 1} events, log {one.position} to {one.last}"
    elif one.feed is None:
        what = f"an event that nobody was given, log {one.position}"
    else:
        what = f"{one.type} {one.id}, {one.feed} {one.sequence}, {one.stream}"
    became = "recovered" if one.recovered else "lost"
    yield f"{name}: {became} before epoch {one.epoch} ({one.begun_at:%Y-%m-%d %H:%M:%S}Z): {what}"
