"""A read model: pure, an event in, statements out; and how its statements reach the database in groups.

Each has a folder-mate `.sql` file of named parts:

    -- tables
    create table my_applications (...);

    -- submitted
    insert into {schema}.my_applications (...) values ($1, $2);

`{schema}` is where its tables are written: for living events the write views in `<name>_v<version>`, for a build the
tables themselves (see `layers`). PostgreSQL writes through a view as to its table, but for one thing: name columns, not
a constraint, after `on conflict`. Readers ask through views in schema `read`.
A read model sees every stream in its order. Across streams no order is promised, so it must not depend on one; but for
one thing: what a department erased of a person goes before what it stored later.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from shared.contracts.erasure import PersonErased
from shared.contracts.errors import Broken
from shared.contracts.event import Event, Recorded
from shared.eventstore.database import Connection

Statement = tuple[str, tuple[object, ...]]
"""The name of a part of the .sql file, and its arguments."""


Project = Callable[[Recorded], Iterable[Statement]]


class Ready(NamedTuple):
    """A read model's name, SQL and arguments: ready to be sent."""

    model: str
    sql: str
    arguments: tuple[object, ...]


class Erasing(Ready):
    """Of a person who was erased: it forgets what stands before it, of whatever stream, and nothing after it."""


Statements = list[Ready]


@dataclass(frozen=True)
class ReadModel:
    """`events` are the classes it wants, own or foreign; `project` must be pure: no clock, no I/O, no memory."""

    name: str
    version: int
    events: tuple[type[Event], ...]
    project: Project
    parts: dict[str, str] = field(repr=False)  # of the .sql file, `{schema}` not filled in
    fingerprint: str = field(default="", repr=False)  # of the files it stands in
    target: str | None = None  # the schema its statements go to; None: the write views of its version

    @classmethod
    def beside(
        cls, module_file: str, *, version: int, events: tuple[type[Event], ...], project: Project
    ) -> "ReadModel":
        """The read model of a module, whose .sql file stands beside it under the same name."""
        module, path = Path(module_file), Path(module_file).with_suffix(".sql")
        text = path.read_bytes()
        code = module.read_bytes() if module.exists() else b""
        parts = named_parts(text.decode(), path.name)
        return cls(path.stem, version, events, project, parts, sha256(text + code).hexdigest())

    @property
    def schema(self) -> str:
        return f"{self.name}_v{self.version}"

    def into(self, schema: str) -> "ReadModel":
        """The same, its statements meant for the tables in another schema."""
        return replace(self, target=schema)

    @cached_property
    def wanted(self) -> frozenset[type[Event]]:
        """`events`, to be looked up: each event is held against every read model, and most do not want it."""
        return frozenset(self.events)

    @cached_property
    def takes(self) -> dict[str, int]:
        """How many arguments each part has."""
        return {
            name: max((int(number) for number in re.findall(r"\$(\d+)", part)), default=0)
            for name, part in self.parts.items()
        }

    def statements(self, event: Recorded) -> Iterator[Ready]:
        """SQL and arguments for an event it wants. Raises Broken when they do not fit, and what `project` raises."""
        kind = Erasing if isinstance(event.data, PersonErased) else Ready
        for part, arguments in self.project(event):
            sql = self.sql.get(part)
            if sql is None or len(arguments) != self.takes[part]:
                needs = "is no part of its .sql file" if sql is None else f"takes {self.takes[part]} arguments"
                raise Broken(f"read model {self.name}: {part} {needs}, and {event.type} came with {len(arguments)}")
            yield kind(self.name, sql, arguments)

    @cached_property
    def sql(self) -> dict[str, str]:
        """The parts, ready to be sent."""
        return {name: part.replace("{schema}", self.target or self.schema) for name, part in self.parts.items()}


def named_parts(text: str, name: str) -> dict[str, str]:
    """Split an annotated .sql file into its named parts."""
    pieces = re.split(r"^-- (\w+)$", text, flags=re.MULTILINE)
    parts = {name: body.strip().rstrip(";") for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    if "tables" not in parts:
        raise Broken(f"{name} has no part '-- tables'")
    return parts


class Grouped:
    """Statements gathered so that equal ones go out together while each stream keeps its own order in each read model.

    A read model writes its own tables only, so another's may go before it: a run of one stream's events costs a
    statement a read model, not one an event. Nothing of its read model passes an erasure.
    """

    def __init__(self) -> None:
        self._groups: list[tuple[str, list[tuple[object, ...]]]] = []
        self._last_of: dict[tuple[str, str], int] = {}
        self._latest: dict[str, int] = {}  # by read model
        self._erasing: dict[str, int] = {}

    def add(self, stream: str, statement: Ready) -> int:
        """Join the earliest group of this text that is not before the stream's latest statement to the same read model.
        Returns its place."""
        model, sql, arguments = statement
        is_erasing = isinstance(statement, Erasing)
        before = self._latest if is_erasing else self._erasing
        earliest = max(self._last_of.get((stream, model), 0), before.get(model, 0))
        for index in range(earliest, len(self._groups)):
            if self._groups[index][0] == sql:
                break
        else:
            index = len(self._groups)
            self._groups.append((sql, []))
        self._groups[index][1].append(arguments)
        self._last_of[stream, model] = index
        self._latest[model] = max(index, self._latest.get(model, 0))
        if is_erasing:
            self._erasing[model] = index
        return index

    def __iter__(self) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
        return iter(self._groups)

    def __len__(self) -> int:
        """Statements to send, each with any number of rows."""
        return len(self._groups)

    async def run(self, connection: Connection) -> None:
        for sql, rows in self._groups:
            if len(rows) == 1:
                await connection.execute(sql, *rows[0])
            else:
                await connection.executemany(sql, rows)


def group(models: Sequence[ReadModel], events: Iterable[Recorded]) -> Grouped:
    """What these events mean to these read models, ready to run."""
    grouped = Grouped()
    for event in events:
        for statement in statements(models, event):
            grouped.add(event.stream, statement)
    return grouped


def statements(models: Sequence[ReadModel], event: Recorded) -> Statements:
    """What one event means to these read models."""
    kind = type(event.data)
    return [one for model in models if kind in model.wanted for one in model.statements(event)]
