"""`tongban stuck`: what departments cannot do now, and trying it again.

It works on the department's database; one that runs looks again within seconds.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from deploy import reach
from deploy.cli.listed import show_rows
from deploy.cli.terminal import FOUND, StackPath, failures_told, run, tell
from deploy.reach import Reached
from shared.department import stuck
from shared.department.place import Place
from shared.department.stuck import Stuck

PAGE = 500  # rows

app = typer.Typer(
    name="stuck", help="What cannot be done now and is tried again.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    stack: StackPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What is stuck, the longest first.

    Exit code 1 when anything is, when there is no stack, or when a department's database does not answer.
    """
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)
    found, is_partial = show_rows(
        departments, _stuck, _lines, as_json=as_json, count="stuck", nothing="nothing is stuck"
    )
    if is_partial or found:
        raise typer.Exit(FOUND)


@app.command()
def retry(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    stack_path: StackPath = None,
    of: Annotated[str | None, typer.Option("--list", help="Of this to-do list only.")] = None,
    id: Annotated[UUID | None, typer.Option(help="This one only.")] = None,
) -> None:
    """Let it be tried at the next look instead of later. Safe: whatever is tried takes effect once."""

    async def work(reached: Reached) -> int:
        async with reached.pool() as pool:
            return await stuck.retry(pool, datetime.now(UTC), of, id)

    with failures_told():
        reached = reach.reach(stack_path, department)
    tell(f"{run(work(reached))} will be tried again within seconds")


async def _stuck(reached: Reached) -> list[Stuck]:
    async with reached.reading() as connection:
        found: list[Stuck] = []
        after = Place.first()
        while page := await stuck.page(connection, after=after, limit=PAGE):
            found += page
            after = page[-1].place
        return found


def _lines(name: str, one: Stuck) -> Iterator[str]:
    yield f"{name}: {one.list} {one.id}"
    yield f"  since {one.since:%Y-%m-%d %H:%M:%S}Z, tried {one.attempts} times, next {one.try_at:%H:%M:%S}Z"
    yield f"  {one.problem}"
