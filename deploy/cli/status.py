"""`tongban status`: how each department of a stack does."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told
from deploy.health import Answer, ask, client
from deploy.runner import stack_file


def status(
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
) -> None:
    """Ask every department how it does. Exit code 1 when one is not ready, or anything is wrong with it."""
    with failures_told():
        answers = asyncio.run(_ask_all(stack_file.read(data).addresses))
    all_ready, all_well = all(one.is_ready for one in answers), all(one.is_well for one in answers)
    if as_json:
        departments = [
            {**one.model_dump(), "lack": one.lack, "troubles": one.troubles, "notes": one.notes} for one in answers
        ]
        said = {"is_ready": all_ready, "is_well": all_well, "departments": departments}
        answer(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        Console(highlight=False).print(_table(answers))
    if not all_well:
        raise typer.Exit(1)


async def _ask_all(addresses: dict[str, str]) -> list[Answer]:
    async with client() as http, asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(http, name, address)) for name, address in addresses.items()]
    return [task.result() for task in asked]


def _table(answers: list[Answer]) -> Table:
    table = Table("department", "address", "ready", "remarks", box=None)
    for one in answers:
        remarks = [one.lack] if one.lack else [*one.troubles, *one.notes]
        table.add_row(one.department, one.address, "yes" if one.is_ready else "no", ", ".join(remarks))
    return table
