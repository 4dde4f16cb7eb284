"""`tongban messages`: what the embedded message gateway would have sent to phones."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from deploy import reach
from deploy.cli.each import each
from deploy.cli.terminal import FOUND, StackPath, answer, failures_told, run, tell
from deploy.reach import Reached

if TYPE_CHECKING:
    from shared.department.message_gateway import Put


def messages(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    phone: Annotated[str | None, typer.Option(help="To this number only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many of each department, the latest first.")] = 20,
    stack: StackPath = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Messages to phones of the last day. With MESSAGE_GATEWAY=sink nothing is sent: here is where codes are read."""
    number = _number(phone)
    with failures_told():
        departments = reach.reach_all(stack, [department] if department else None)

    async def asked(reached: Reached) -> "list[Put]":
        return await newest(reached, number, limit)

    heard = run(each(departments, asked))
    found = [(name, one) for name, messages in heard.answers.items() for one in messages]
    for name, one in found:
        row = {"department": name, **asdict(one)}
        answer(
            json.dumps(row, default=str, ensure_ascii=False)
            if as_json
            else f"{name} {one.put_at:%Y-%m-%d %H:%M:%S}Z {one.phone} ({one.kind})\n  {one.text}"
        )
    if heard.answers:
        tell(f"{len(found)} messages, kept and not sent" if found else "no messages")
    if heard.tell_failures():
        raise typer.Exit(FOUND)


def _number(phone: str | None) -> str | None:
    from shared.standards.errors import NotValid
    from shared.standards.phone import MobileNumber

    try:
        return phone and MobileNumber(phone)
    except NotValid as wrong:
        raise typer.BadParameter(wrong.text.en, param_hint="--phone") from None


async def newest(reached: Reached, phone: str | None = None, limit: int = 20) -> "list[Put]":
    """The latest first. StackError: its database does not answer."""
    from shared.department import message_gateway

    async with reached.reading() as connection:
        return await message_gateway.newest(connection, phone, limit)
