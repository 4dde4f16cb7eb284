"""A read model's three layers in the database, and laying them.

    tables         schema <name>_v<version>_b<build>   of one build
    write views    schema <name>_v<version>            where living events are written
    reader views   schema read                         where everybody asks

A writer locks the write view he goes through until his transaction ends. So whoever replaces a write view waits for
those who write, and keeps out those who come; these look the name up anew when the view is free, and find the new
tables. That is PostgreSQL's own rule, for prepared statements too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.errors import Broken
from shared.eventstore.database import READ_SCHEMA, Connection
from shared.eventstore.read_model import ReadModel

LOCK_TIMEOUT = "250ms"
"""Less than PostgreSQL's deadlock_timeout: of two who wait for each other it is we who give up, and try again."""

BEFORE_BUILDS = 0  # the number given to what was laid before there were builds; true ones begin with 1
TABLES = "select quote_ident(tablename) as name from pg_tables where schemaname = $1 order by tablename"
SCHEMAS = "select nspname from pg_namespace where nspname ~ '_v[0-9]+(_b[0-9]+)?$'"
IN_USE = """
select name || '_v' || version as name from read_models
union all select name || '_v' || version || '_b' || build from read_models where build is not null
union all select name || '_v' || version || '_b' || build from read_model_builds
"""
HOW_BUILT = re.compile(r"(\w+?)_v\d+(_b\d+)?")


@dataclass(frozen=True, slots=True)
class Served:
    """What stands of a read model. `build` None: laid before there were builds."""

    name: str
    version: int
    build: int | None

    @property
    def schema(self) -> str:
        """Of its write views."""
        return f"{self.name}_v{self.version}"

    @property
    def tables(self) -> str:
        """The schema of its tables."""
        return self.schema if self.build is None else tables_schema(self.schema, self.build)


def tables_schema(schema: str, build: int) -> str:
    return f"{schema}_b{build}"


async def served(connection: Connection) -> dict[str, Served]:
    """What stands, by name."""
    rows = await connection.fetch("select name, version, build from read_models")
    return {row["name"]: Served(**row) for row in rows}


async def tables_in(connection: Connection, schema: str) -> list[str]:
    return [row["name"] for row in await connection.fetch(TABLES, schema)]


async def bound_waiting(connection: Connection) -> None:
    """Of this transaction, so that whoever queues behind it is not held up either."""
    await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")


async def make_tables(connection: Connection, model: ReadModel, build: int) -> None:
    """The empty tables of a build. Within a transaction. Raises Broken when a name is taken by the store."""
    schema = tables_schema(model.schema, build)
    await connection.execute(f"create schema {schema}")
    await connection.execute(f"set local search_path to {schema}")
    await connection.execute(model.into(schema).sql["tables"])
    await connection.execute(f"set local search_path to public, {READ_SCHEMA}")
    for table in await tables_in(connection, schema):
        if await connection.fetchval("select to_regclass('public.' || $1) is not null", table):
            raise Broken(f"read model {model.name} calls a table {table}, as the store does; give it another name")


async def show(connection: Connection, views: str, tables: str) -> None:
    """Make the views of a build's tables in a schema. Raises asyncpg.DuplicateTableError when a name is taken."""
    for table in await tables_in(connection, tables):
        await connection.execute(f"create view {views}.{table} as table {tables}.{table}")


async def show_instead(connection: Connection, views: str, tables: str) -> None:
    """Let the views in a schema show another build of the same tables.

    Raises asyncpg.InvalidTableDefinitionError when the columns are not the same.
    """
    for table in await tables_in(connection, tables):
        await connection.execute(f"create or replace view {views}.{table} as table {tables}.{table}")


async def remove(connection: Connection, standing: Served) -> None:
    """Take away reader and write views, within a transaction; the tables go with `sweep`."""
    for table in await tables_in(connection, standing.tables):
        await connection.execute(f"drop view if exists {READ_SCHEMA}.{table}")
    await connection.execute(f"drop schema if exists {standing.schema} cascade")


async def take_over(connection: Connection, standing: Served) -> Served:
    """Give what was laid before there were builds its write views; no row is touched. Within a transaction."""
    tables = await tables_in(connection, standing.schema)
    if tables:  # writers under way end first, later ones look the name up anew
        names = ", ".join(f"{standing.schema}.{table}" for table in tables)
        await connection.execute(f"lock table {names} in exclusive mode")
    taken = Served(standing.name, standing.version, BEFORE_BUILDS)
    await connection.execute(f"alter schema {standing.schema} rename to {taken.tables}")
    await connection.execute(f"create schema {taken.schema}")
    await show(connection, taken.schema, taken.tables)
    await connection.execute("update read_models set build = $2 where name = $1", taken.name, taken.build)
    return taken


async def sweep(connection: Connection, names: Sequence[str]) -> list[str]:
    """Drop schemas of these read models that nothing names any more; returns them. Needs the models' build locks."""
    in_use = {row["name"] for row in await connection.fetch(IN_USE)}
    left = []
    for row in await connection.fetch(SCHEMAS):
        whose = HOW_BUILT.fullmatch(row["nspname"])
        if whose and whose[1] in names and row["nspname"] not in in_use:
            left.append(row["nspname"])
            await connection.execute(f"drop schema if exists {row['nspname']} cascade")
    return left
