"""`tongban phantoms`: decisions of a department that rest on events which their provider's history no longer holds.

It looks into the department's database, whether the department runs or not. Officers decide over HTTP, in their own
name.
"""

from collections.abc import Iterator
from typing import Annotated

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, failures_told
from deploy.reach import Reached
from shared.messaging import phantom_list
from shared.messaging.phantom_list import NOBODY, Followed

PAGE = 500  # rows

app = typer.Typer(
    name="phantoms",
    help="Decisions that rest on events which were taken back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def phantoms() -> None:
    """Decisions that rest on events which were taken back."""


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    decided: Annotated[bool, typer.Option("--decided", help="Those too that two officers have decided about.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Own events that followed from phantoms, and what is proposed about each.

    Exit code 1 while one is undecided, when there is no stack, or when a department's database does not answer.
    """
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)

    async def followed(reached: Reached) -> list[Followed]:
        async with reached.reading() as connection:
            found: list[Followed] = []
            after = NOBODY
            while page := await phantom_list.page(connection, after=after, with_decided=decided, limit=PAGE):
                found += page
                after = page[-1].id
            return found

    nothing = "nothing followed from phantoms"
    found, is_partial = show_rows(departments, followed, _lines, as_json=as_json, count="events", nothing=nothing)
    if is_partial or any(one.decided_at is None for one in found):
        raise typer.Exit(FOUND)


def _lines(name: str, one: Followed) -> Iterator[str]:
    yield f"{name}: {one.type} {one.id}"
    yield f"  {one.stream}  {one.recorded_at:%Y-%m-%d %H:%M:%S}Z"
    yield f"  from {one.phantom_type} {one.phantom}, {one.feed} {one.sequence}"
    if one.verdict is None:
        yield "  undecided"
    else:
        how = f"confirmed by {one.decided_by}" if one.decided_at else "waits for another officer"
        yield f"  {one.verdict}, says {one.proposed_by}: {one.reason}; {how}"
