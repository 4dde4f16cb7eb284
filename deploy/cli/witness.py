"""`tongban witness`: what a department holds of its neighbours' ledgers, and a new era once an alarm was looked into.

It works on the department's database, whether the department runs or not; one that runs notices at the next head.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, operator, tell
from deploy.reach import Reached, reach, reach_all
from deploy.runner.errors import StackError
from shared.contracts.errors import Refused
from shared.messaging import witness_eras
from shared.messaging.witness_eras import Held, Reason

app = typer.Typer(name="witness", help="What a department holds of its neighbours' ledgers.", no_args_is_help=True)


@app.command("list")
def list_(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """What it holds of each neighbour: era, events witnessed, alarms. Exit code 1 when an alarm stands."""
    with failures_told():
        found = asyncio.run(_list(reach_all(data, [department] if department else None)))
    for name, held in found:
        if as_json:
            answer(json.dumps({"witness": name, **asdict(held)}, default=str, ensure_ascii=False))
        else:
            for line in _lines(name, held):
                answer(line)
    if any(held.alarms for _, held in found):
        raise typer.Exit(1)


@app.command()
def renew(
    department: Annotated[str, typer.Argument(metavar="DEPARTMENT", help="The witness.")],
    neighbour: Annotated[str, typer.Argument(metavar="NEIGHBOUR", help="The one it is alarmed about.")],
    reason: Annotated[str, typer.Option(help="What you found. Anyone may read it: name nobody.")],
    data: DataDir = DEFAULT_DATA_DIR,
    force: Annotated[bool, typer.Option("--force", help="Also where no alarm stands.")] = False,
) -> None:
    """Begin a new era for a neighbour, once its alarms were looked into and were honest: a restored backup, a new key.

    It is witnessed anew from its first event on, with the key it shows then. What was witnessed before stays, with
    its alarms and your reason.
    """
    try:
        reason = TypeAdapter(Reason).validate_python(reason)
    except ValidationError:
        raise typer.BadParameter("say why, on one line of 3 to 500 characters", param_hint="--reason") from None
    with failures_told():
        era = asyncio.run(_renew(reach(data, department), neighbour, reason, force))
    tell(f"{department} witnesses {neighbour} in era {era} now, from its first event on")


async def _renew(reached: Reached, neighbour: str, reason: str, force: bool) -> int:
    if neighbour not in reached.neighbours:
        raise StackError(f"{reached.name} has no neighbour {neighbour}; it has {', '.join(reached.neighbours)}")
    async with reached.pool() as pool:
        try:
            return await witness_eras.renew(pool, neighbour, operator(), reason, even_without_alarm=force)
        except Refused as refusal:
            raise StackError(refusal.text.en) from None


async def _list(departments: list[Reached]) -> list[tuple[str, Held]]:
    found = []
    for reached in departments:
        async with reached.pool() as pool:
            found += [(reached.name, held) for held in await witness_eras.held(pool, reached.neighbours)]
    return found


def _lines(witness: str, held: Held) -> Iterator[str]:
    since = f", since {held.since:%Y-%m-%d %H:%M:%S}Z" if held.since else ""
    yield f"{witness}: {held.department}  era {held.era}, {held.size} events witnessed{since}"
    for alarm in held.alarms:
        yield f"  ALARM {alarm.kind} at {alarm.raised_at:%Y-%m-%d %H:%M:%S}Z, {alarm.size} events witnessed then"
    for era in held.begun:
        yield f"  era {era.era} begun {era.begun_at:%Y-%m-%d %H:%M:%S}Z by {era.begun_by}: {era.reason}"
