"""`tongban stuck`: what departments cannot do now, and trying it again.

It works on the department's database; one that runs looks again within seconds.
"""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, tell
from deploy.reach import Reached, reach, reach_all
from shared.department import stuck
from shared.department.paging import Place
from shared.department.stuck import Stuck

PAGE = 500  # rows

app = typer.Typer(name="stuck", help="What cannot be done now and is tried again.", no_args_is_help=True)


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What is stuck, the longest first. Exit code 1 when anything is."""
    with failures_told():
        found = asyncio.run(_list(reach_all(data, [department] if department else None)))
    for name, one in found:
        if as_json:
            answer(json.dumps({"department": name, **asdict(one)}, default=str, ensure_ascii=False))
            continue
        answer(f"{name}: {one.list} {one.id}")
        answer(f"  since {one.since:%Y-%m-%d %H:%M:%S}Z, tried {one.attempts} times, next {one.try_at:%H:%M:%S}Z")
        answer(f"  {one.problem}")
    if not as_json:
        tell(f"{len(found)} stuck" if found else "nothing is stuck")
    if found:
        raise typer.Exit(1)


@app.command()
def retry(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT")],
    data: DataDir = DEFAULT_DATA_DIR,
    of: Annotated[str | None, typer.Option("--list", help="Of this to-do list only.")] = None,
    id: Annotated[UUID | None, typer.Option(help="This one only.")] = None,
) -> None:
    """Let it be tried at the next look instead of later. Safe: whatever is tried takes effect once."""

    async def work(reached: Reached) -> int:
        async with reached.pool() as pool:
            return await stuck.retry(pool, datetime.now(UTC), of, id)

    with failures_told():
        retried = asyncio.run(work(reach(data, department)))
    tell(f"{retried} will be tried again within seconds")


async def _list(departments: list[Reached]) -> list[tuple[str, Stuck]]:
    found = []
    for reached in departments:
        async with reached.pool() as pool:
            after = Place.first()
            while page := await stuck.page(pool, after=after, limit=PAGE):
                found += [(reached.name, one) for one in page]
                after = page[-1].place
    return found
