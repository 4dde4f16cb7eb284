"""`tongban status`: the health of each department of a stack."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from deploy import known_stack
from deploy.cli.terminal import FOUND, TROUBLE, StackPath, answer, columns, failures_told, run
from deploy.health import Answer, ask_all
from deploy.known_stack import KnownStack


def status(
    stack: StackPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object on standard output.")] = False,
) -> None:
    """Ask every department how it does.

    Exit code 0: all are well. 1: one does not answer or is not ready, or there is no stack. 3: all serve, and something
    is wrong: a ledger alarm, a subscription that stands still, parked or stuck events, overdue timers, a backlog, no
    broker.
    """
    with failures_told():
        known = known_stack.find(stack)
    answers = run(_ask(known))
    is_ready = all(one.is_ready for one in answers)
    is_well = all(one.is_well for one in answers)
    if as_json:
        departments = [
            {**asdict(one), "lack": one.lack, "troubles": one.troubles, "notes": one.notes} for one in answers
        ]
        told = {"is_ready": is_ready, "is_well": is_well, "departments": departments}
        answer(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        for line in columns([("department", "address", "ready", "remarks"), *_rows(answers)]):
            answer(line)
    if not is_well:
        raise typer.Exit(TROUBLE if is_ready else FOUND)


async def _ask(known: KnownStack) -> list[Answer]:
    """Also of those of which nothing says where they answer: they are not ready, as far as anybody can tell."""
    addresses = {one.name: one.http for one in known.departments.values() if one.http}
    answers = {one.department: one for one in await ask_all(addresses)}
    return [
        answers.get(name) or Answer(name, "", is_live=False, is_ready=False, health=None) for name in known.departments
    ]


def _rows(answers: list[Answer]) -> Iterator[tuple[str, str, str, str]]:
    for one in answers:
        remarks = [*([one.lack] if one.lack else []), *one.troubles, *one.notes]
        yield one.department, one.address, "yes" if one.is_ready else "no", ", ".join(remarks)
