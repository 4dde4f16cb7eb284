"""A department's history straight from its database, each leaf made again from the stored bytes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from shared.eventstore.database import Connection
from shared.eventstore.ledger import STEP, leaf_of
from shared.eventstore.merkle import Node

AT_ONCE = 2000  # rows
PATIENCE = 3600.0  # seconds for the one statement that looks at all events

EVENTS = """
select l.position, l.stream, l.version, l.leaf as told, e.id, e.type, e.schema, e.metadata, e.data, e.recorded_at
from log l left join events e on e.stream = l.stream and e.version = l.version
order by l.position
"""
NODES = "select level, index, hash from ledger_nodes order by (index + 1) << level, level"
COUNT = "select coalesce(max(position), 0) from log"
# an event is in the outbox or in the log from the moment it is stored
STRANGERS = """
select e.stream, e.version, e.type from events e
where not exists (select from log l where l.stream = e.stream and l.version = e.version)
  and not exists (select from outbox o where o.stream = e.stream and o.version = e.version)
order by e.recorded_at limit 1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a position of the log. `made`: the leaf of the stored bytes; `told`: the one the log holds."""

    position: int
    stream: str | None = None  # None: the log has no such position
    version: int | None = None
    type: str | None = None  # None: the event is not there
    made: bytes | None = None
    told: bytes | None = None
    is_beyond: bool = False  # the log has ended before


async def stranger(connection: Connection) -> str | None:
    """An event that was put beside the log, if there is one."""
    row = await connection.fetchrow(STRANGERS, timeout=PATIENCE)
    return None if row is None else f"{row['stream']} version {row['version']}, {row['type']}"


async def entries(connection: Connection) -> AsyncIterator[Entry]:
    """Every position from 1 to the log's last, also those that are missing. Within a transaction."""
    expected = 1
    async for row in connection.cursor(EVENTS, prefetch=AT_ONCE):
        while expected < row["position"]:
            yield Entry(expected)
            expected += 1
        made = None if row["id"] is None else leaf_of(row)
        yield Entry(row["position"], row["stream"], row["version"], row["type"], made, row["told"])
        expected += 1


class KeptNodes:
    """The kept nodes, in the order in which a growing tree completes them, compared as it grows."""

    def __init__(self, connection: Connection) -> None:
        self._rows = connection.cursor(NODES, prefetch=AT_ONCE).__aiter__()
        self._ended = False
        self.differing: Node | None = None  # the first that is not what the leaves come to, or is missing

    async def compare(self, completed: list[tuple[Node, bytes]]) -> None:
        for (level, index), hash in completed:
            if self.differing is not None:
                return
            if level % STEP == 0 and not self._ended:
                row = await anext(self._rows, None)
                if row is None:
                    self._ended = True  # the keeper has not come further
                elif (row["level"], row["index"], row["hash"]) != (level, index, hash):
                    self.differing = (level, index)
