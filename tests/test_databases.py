"""A test's database is empty, whatever the test before it left behind."""

import asyncpg
import pytest

from tests.databases import Databases

OWNERS = """
create schema notes;
create table notes.note (id int generated always as identity, text text);
create type mood as enum ('good', 'bad');
create function one() returns int return 1;
alter default privileges grant select on tables to public;
"""
ADMINISTRATORS = (
    "create table left_over ()",
    "drop schema public",
    "do $$ begin execute format('alter database %I set work_mem = 1024', current_database()); end $$",
    "do $$ begin execute format('alter role %I set work_mem = 1024', current_database()); end $$",
)
OBJECTS = """
select (select count(*) from pg_class where oid >= 16384) + (select count(*) from pg_proc where oid >= 16384)
     + (select count(*) from pg_type where oid >= 16384) + (select count(*) from pg_default_acl)
"""


async def test_what_the_owner_made_is_removed_and_the_database_used_again(databases: Databases) -> None:
    async with databases.fresh() as first:
        connection = await asyncpg.connect(first.owner_url)
        await connection.execute(OWNERS)  # and stays connected
    async with databases.fresh() as second:
        assert second == first
        app = await asyncpg.connect(second.app_url)
        assert await app.fetchval(OBJECTS) == 0
        await app.close()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await connection.fetchval("select 1")


@pytest.mark.parametrize("left", ADMINISTRATORS)
async def test_a_database_that_cannot_be_emptied_is_not_used_again(databases: Databases, left: str) -> None:
    async with databases.fresh() as first:
        connection = await asyncpg.connect(first.admin_url)
        await connection.execute(left)
        await connection.close()
    async with databases.fresh() as second:
        assert second.name != first.name
        connection = await asyncpg.connect(second.admin_url)
        assert await connection.fetchval(OBJECTS) == 0
        assert await connection.fetchval("show work_mem") == "4MB"
        assert await connection.fetchval("select to_regnamespace('public') is not null")
        await connection.close()
