"""A database of a release before jurisdictions: what it remembers of others is of its own jurisdiction."""

import importlib.resources

import asyncpg

from shared.eventstore.database import migrate
from tests.databases import Databases

BEFORE = "0011"
EARLIER = """
insert into inbox (feed, sequence, event, id, stream, type)
values ('identity.people', 1, '{}', gen_random_uuid(), 'person-1', 'identity.PersonMoved');
insert into parked (feed, sequence, stream, error) values ('identity.people', 1, 'person-1', 'a bug');
insert into checkpoints (feed, sequence) values ('identity.people', 1);
insert into read_model_builds (name, version, fingerprint) values ('people', 1, '');
insert into read_model_cursors (build, source, reached) values (1, 'log', 4), (1, 'identity.people', 1);
insert into log (position, feed, sequence, stream, version, leaf)
values (1, 'insurance.benefits', 1, 'benefit-1', 1, decode(repeat('00', 32), 'hex'));
insert into witnessed_keys (department, era, key) values ('identity', 1, 'tongban/identity+k');
insert into witnessed (department, era, after, size, note, leaves, frontier)
values ('identity', 1, 0, 1, '', decode(repeat('00', 32), 'hex'), ''),
       ('identity', 1, 1, 2, '', decode(repeat('00', 32), 'hex'), '');
"""


async def test_what_was_remembered_of_others_is_of_its_jurisdiction(databases: Databases) -> None:
    async with databases.fresh() as database:
        connection = await asyncpg.connect(database.owner_url)
        try:
            await connection.execute("create table migrations (name text primary key, applied_at timestamptz)")
            files = importlib.resources.files("shared.eventstore.migrations").iterdir()
            for file in sorted((one for one in files if one.name.endswith(".sql")), key=lambda one: one.name):
                if file.name < BEFORE:
                    await connection.execute(file.read_text(encoding="utf-8"))
                    await connection.execute("insert into migrations values ($1, now())", file.name)
            await connection.execute(EARLIER)
            await migrate(database.owner_url, database.app, "guangxi")
            feeds = "select feed from {} union select feed from checkpoints"
            assert await connection.fetchval(feeds.format("inbox")) == "guangxi.identity.people"
            assert await connection.fetchval("select feed from parked") == "guangxi.identity.people"
            cursors = await connection.fetch("select source from read_model_cursors order by source")
            assert [row["source"] for row in cursors] == ["guangxi.identity.people", "log"]
            assert await connection.fetchval("select feed from log") == "insurance.benefits"
            witnessed = await connection.fetch("select department, size from witnessed order by size")
            assert [tuple(row) for row in witnessed] == [("guangxi.identity", 1), ("guangxi.identity", 2)]
            eras = await connection.fetch("select department, era from witness_eras")
            assert [tuple(row) for row in eras] == [("guangxi.identity", 2)]
        finally:
            await connection.close()
