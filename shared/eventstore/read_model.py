"""A read model: pure, an event in, statements out; and how its statements reach the database in groups.

Each has a folder-mate `.sql` file of named parts:

    -- tables
    create table my_applications (...);

    -- submitted
    insert into {schema}.my_applications (...) values ($1, $2);

`{schema}` is the schema of this version's tables, `<name>_v<version>`; readers ask through views in schema `read`.
A read model sees every stream in its order. Across streams no order is promised, so it must not depend on one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.contracts.errors import Broken
from shared.contracts.event import Event, Recorded
from shared.eventstore.database import READ_SCHEMA, Connection

Statement = tuple[str, tuple[object, ...]]
"""The name of a part of the .sql file, and its arguments."""

Project = Callable[[Recorded], Iterable[Statement]]


@dataclass(frozen=True)
class ReadModel:
    """`events` are the classes it wants, own or foreign; `project` must be pure: no clock, no I/O, no memory."""

    name: str
    version: int
    events: tuple[type[Event], ...]
    project: Project
    sql: dict[str, str] = field(repr=False)

    @classmethod
    def beside(
        cls, module_file: str, *, version: int, events: tuple[type[Event], ...], project: Project
    ) -> "ReadModel":
        """The read model of a module, whose .sql file stands beside it under the same name."""
        path = Path(module_file).with_suffix(".sql")
        schema = f"{path.stem}_v{version}"
        return cls(path.stem, version, events, project, named_parts(path.read_text("utf-8"), schema))

    @property
    def schema(self) -> str:
        return f"{self.name}_v{self.version}"

    def statements(self, event: Recorded) -> Iterator[tuple[str, tuple[object, ...]]]:
        """SQL texts with their arguments."""
        if isinstance(event.data, self.events):
            for part, arguments in self.project(event):
                yield self.sql[part], arguments


def named_parts(text: str, schema: str) -> dict[str, str]:
    """Split an annotated .sql file into its named parts, with `{schema}` filled in."""
    pieces = re.split(r"^-- (\w+)$", text, flags=re.MULTILINE)
    parts = {
        name: body.strip().rstrip(";").replace("{schema}", schema)
        for name, body in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    if "tables" not in parts:
        raise Broken(f"the .sql of {schema} has no part '-- tables'")
    return parts


class Grouped:
    """Statements gathered so that equal ones go out together while each stream keeps its own order."""

    def __init__(self) -> None:
        self._groups: list[tuple[str, list[tuple[object, ...]]]] = []
        self._last_of: dict[str, int] = {}

    def add(self, stream: str, sql: str, arguments: tuple[object, ...]) -> None:
        """Join the earliest group of this text that is not before the stream's latest statement."""
        earliest = self._last_of.get(stream, 0)
        for index in range(earliest, len(self._groups)):
            if self._groups[index][0] == sql:
                break
        else:
            index = len(self._groups)
            self._groups.append((sql, []))
        self._groups[index][1].append(arguments)
        self._last_of[stream] = index

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
        for model in models:
            for sql, arguments in model.statements(event):
                grouped.add(event.stream, sql, arguments)
    return grouped


async def lay(connection: Connection, model: ReadModel) -> bool:
    """Create a read model's tables and views if this version does not stand yet. True when it was laid now.

    Call within a transaction: tables, views and the note of the version appear together.
    """
    await connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"read_model:{model.name}")
    standing = await connection.fetchval("select version from read_models where name = $1", model.name)
    if standing == model.version:
        return False
    await connection.execute(f"create schema if not exists {READ_SCHEMA}")
    await connection.execute(f"create schema {model.schema}")
    await connection.execute(f"set local search_path to {model.schema}")
    await connection.execute(model.sql["tables"])
    await connection.execute(f"set local search_path to public, {READ_SCHEMA}")
    tables = await connection.fetch(
        "select tablename from pg_tables where schemaname = $1 order by tablename", model.schema
    )
    for row in tables:
        name = row["tablename"]
        if await connection.fetchval("select to_regclass(format('public.%I', $1::text)) is not null", name):
            raise Broken(f"read model {model.name} calls a table {name}, as the store does; give it another name")
        await connection.execute(f"drop view if exists {READ_SCHEMA}.{name}")
        await connection.execute(f"create view {READ_SCHEMA}.{name} as table {model.schema}.{name}")
    await connection.execute(
        "insert into read_models (name, version) values ($1, $2) on conflict (name) do update set version = $2",
        model.name,
        model.version,
    )
    return True
