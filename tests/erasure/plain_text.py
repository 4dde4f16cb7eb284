"""Looks for texts in every column of every table of a database, read models and files included."""

from collections.abc import Sequence

import asyncpg

COLUMNS = """
select n.nspname as schema, c.relname as table, a.attname as column, t.typname as type
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
join pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
join pg_type t on t.oid = a.atttypid
where a.attnum > 0 and not a.attisdropped and n.nspname not like 'pg\\_%'
order by 1, 2, 3
"""


async def found_in(url: str, texts: Sequence[str]) -> list[str]:
    """'public.files.content: 王小明' for each text that a column holds. As who may read everything."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    try:
        return [
            f"{one['schema']}.{one['table']}.{one['column']}: {text}"
            for one in await connection.fetch(COLUMNS)
            for text in texts
            if await connection.fetchval(_question(one), text)
        ]
    finally:
        await connection.close()


def _question(one: asyncpg.Record) -> str:
    column, table = f'"{one["column"]}"', f'"{one["schema"]}"."{one["table"]}"'
    if one["type"] == "bytea":
        return f"select exists (select from {table} where position(convert_to($1, 'utf8') in {column}) > 0)"
    return f"select exists (select from {table} where position($1 in {column}::text) > 0)"
