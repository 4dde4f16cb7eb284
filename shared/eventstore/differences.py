"""Is what serves what a build from scratch would be? Right while the department runs, too.

Writers are held off only until the build has drained what they wrote and a snapshot is taken; the comparison then looks
at that snapshot while they go on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import asyncpg
from asyncpg.transaction import Transaction

from shared.contracts.registry import Registry
from shared.eventstore import building, layers
from shared.eventstore.building import Begun, Build, Told, tell_nobody
from shared.eventstore.database import Connection, connect
from shared.eventstore.pace import UNHINDERED, Pace
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import filled, only_builder
from shared.eventstore.swap import patiently

KEY = """
select quote_ident(attname) as name from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)
where indrelid = $1::regclass and indisprimary order by array_position(indkey::int2[], attnum)
"""
# Rows are compared by their text: type json knows no equality.
WITHOUT_KEY = "json_build_array(md5(t::text), row_number() over (partition by t::text))"
DIFFERENCES = """
with serving as (select {key} as key, t::text as row, to_json(t) as fields from {serving} t),
     built as (select {key} as key, t::text as row, to_json(t) as fields from {built} t)
select key, s.key is null as is_missing, b.key is null as is_extra, array(
    select o.key from json_each_text(s.fields) o join json_each_text(b.fields) n on n.key = o.key
    where o.value is distinct from n.value
  ) as columns
from serving s full join built b using (key)
where s.row is distinct from b.row
order by key limit $1
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row, by its key as JSON. No other value is told: a row may hold personal data."""

    table: str
    key: str
    what: Literal["missing", "extra", "differs"]  # in what serves
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        of = f": {', '.join(self.columns)}" if self.columns else ""
        return f"{self.table} {self.key} {self.what}{of}"


async def differences(
    url: str,
    model: ReadModel,
    registry: Registry,
    *,
    most: int = 20,
    pace: Pace = UNHINDERED,
    fresh: bool = True,
    begun: Begun = tell_nobody,
    told: Told = tell_nobody,
) -> list[Difference]:
    """The first `most` rows a table in which what serves and a build from scratch are not the same; none is good.

    Raises as `rebuild`. The build is dropped afterwards.
    """
    async with only_builder(url, model) as connection:
        build = await filled(connection, model, registry, pace=pace, fresh=fresh, begun=begun, told=told)
        serving = (await layers.served(connection))[model.name].tables
        found: list[Difference] = []
        async with _one_moment(url, connection, build):
            for table in await layers.tables_in(connection, build.tables):
                found += await _compare(connection, table, serving, build.tables, most)
        await building.give_up(connection, model)
    return found


@asynccontextmanager
async def _one_moment(url: str, connection: Connection, build: Build) -> AsyncIterator[None]:
    """A transaction whose snapshot shows both sides after the same events."""
    gate = await connect(url, name=f"check of {build.model.name}")
    try:
        held = await patiently(lambda: _hold_off_writers(gate, connection, build), f"check of {build.model.name}")
        async with connection.transaction():
            await build.drain(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("select")  # here the snapshot is taken
            await held.rollback()
            yield
    finally:
        gate.terminate()


async def _hold_off_writers(gate: Connection, connection: Connection, build: Build) -> Transaction:
    """The gate's transaction, until whose end nobody writes this read model; readers go on."""
    await build.catch_up(connection)
    held = gate.transaction()
    await held.start()
    try:
        await layers.bound_waiting(gate)
        for table in await layers.tables_in(gate, build.tables):
            await gate.execute(f"lock table {build.model.schema}.{table} in share mode")
    except asyncpg.PostgresError:
        await held.rollback()
        raise
    return held


async def _compare(connection: Connection, table: str, serving: str, built: str, most: int) -> list[Difference]:
    columns = [row["name"] for row in await connection.fetch(KEY, f"{built}.{table}")]
    named = ", ".join(f"'{column}', t.{column}" for column in columns)
    key = f"json_build_object({named})" if columns else WITHOUT_KEY
    statement = DIFFERENCES.format(key=f"{key}::text", serving=f"{serving}.{table}", built=f"{built}.{table}")
    rows = await connection.fetch(statement, most)
    return [Difference(table, row["key"], _what(row), tuple(row["columns"])) for row in rows]


def _what(row: asyncpg.Record) -> Literal["missing", "extra", "differs"]:
    if row["is_missing"]:
        return "missing"
    return "extra" if row["is_extra"] else "differs"
