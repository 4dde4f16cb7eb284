"""`tongban stuck`: what departments cannot do now, and trying it again.

It works on the department's database; one that runs looks again within seconds.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from deploy import reach
from deploy.cli.each import each
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run, tell
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
    heard = run(each(departments, _stuck))
    found = [(name, one) for name, answers in heard.answers.items() for one in answers]
    for name, one in found:
        if as_json:
            answer(json.dumps({"department": name, **asdict(one)}, default=str, ensure_ascii=False))
            continue
        answer(f"{name}: {one.list} {one.id}")
        answer(f"  since {one.since:%Y-%m-%d %H:%M:%S}Z, tried {one.attempts} times, next {one.try_at:%H:%M:%S}Z")
        answer(f"  {one.problem}")
    if not as_json and heard.answers:
        tell(f"{len(found)} stuck" if found else "nothing is stuck")
    if heard.tell_failures() or found:
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
