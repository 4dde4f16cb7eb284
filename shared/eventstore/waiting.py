"""One command's events on their way to the disk."""

import asyncio
from collections.abc import Sequence

from shared.eventstore.append import Row
from shared.eventstore.read_model import Statements


class Waiting:
    """Its asker awaits `done`."""

    __slots__ = ("bytes", "done", "rows", "statements", "stream")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.stream = rows[0].event.stream
        self.bytes = sum(len(row.data) for row in rows)
        self.statements: Statements = []  # what the read models make of it
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self, error: BaseException | None = None) -> None:
        if self.done.done():  # its asker went away; what is stored stays stored
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
