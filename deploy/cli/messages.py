"""`tongban messages`: what the embedded message gateway would have sent to phones."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.terminal import DEFAULT_DATA_DIR, DataDir, answer, failures_told, tell
from deploy.reach import Reached, reach_all
from shared.department import message_gateway
from shared.department.message_gateway import Put
from shared.standards.errors import NotValid
from shared.standards.phone import MobileNumber


def messages(
    department: Annotated[str | None, typer.Argument(metavar="[DEPARTMENT]", help="All when none is named.")] = None,
    phone: Annotated[str | None, typer.Option(help="To this number only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many of each department, the latest first.")] = 20,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """Messages to phones of the last day. With MESSAGE_GATEWAY=sink nothing is sent: here is where codes are read."""
    with failures_told():
        found = asyncio.run(_newest(data, department, _number(phone), limit))
    for name, one in found:
        row = {"department": name, **asdict(one)}
        answer(
            json.dumps(row, default=str, ensure_ascii=False)
            if as_json
            else f"{name} {one.put_at:%Y-%m-%d %H:%M:%S}Z {one.phone} ({one.kind})\n  {one.text}"
        )
    tell(f"{len(found)} messages, kept and not sent" if found else "no messages")


def _number(phone: str | None) -> str | None:
    try:
        return phone and MobileNumber(phone)
    except NotValid as wrong:
        raise typer.BadParameter(wrong.text.en, param_hint="--phone") from None


async def _newest(data_dir: Path, department: str | None, phone: str | None, limit: int) -> list[tuple[str, Put]]:
    found: list[tuple[str, Put]] = []
    for reached in reach_all(data_dir, [department] if department else None):
        found += [(reached.name, one) for one in await newest(reached, phone, limit)]
    return found


async def newest(reached: Reached, phone: str | None = None, limit: int = 20) -> list[Put]:
    """The latest first. StackError: its database does not answer."""
    async with reached.pool() as pool:
        return await message_gateway.newest(pool, phone, limit)
