"""`tongban lost list` on a department's database."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.eventstore.database import connect_pool, migrate
from tests.deploy.terminal import tongban

BEGIN = "insert into epochs (number, position, feeds, reason) values (2, 40, '{}', 'restored')"
LOSE = """
insert into lost_events (epoch, nth, position, leaf, feed, sequence, id, event, recovered)
values (2, $1, $2, sha256('x'), $3, $4, $5, $6::json, $7)
"""
RANGE = "insert into lost_ranges (epoch, first, last, digest) values (2, 100, 149, sha256('x'))"


@pytest.fixture
async def url(database: DepartmentDatabase, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("IDENTITY_DATABASE_URL", database.app_url)
    await migrate(database.owner_url, database.app)
    return database.app_url


async def listed(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban("lost", "list", *arguments, "--data", tmp_path)


async def test_what_was_lost_is_named_with_what_is_known_of_it(url: str, tmp_path: Path) -> None:
    assert await listed(tmp_path) == (0, "", "nothing was lost\n")
    known, recovered = (uuid4(), '{"type": "identity.PersonDied", "subject": "person-1"}'), uuid4()
    async with await connect_pool(url, name="test") as pool:
        await pool.execute(BEGIN)
        await pool.execute(LOSE, 1, 41, "people", 7, known[0], known[1], False)
        await pool.execute(LOSE, 2, 42, None, None, None, None, False)
        await pool.execute(LOSE, 3, 43, "people", 8, recovered, known[1], True)
        await pool.execute(RANGE)
    code, told, errors = await listed(tmp_path, "identity")
    assert (code, errors) == (0, "3 named\n")
    assert [line.partition("Z): ")[2] for line in told.splitlines()] == [
        f"identity.PersonDied {known[0]}, people 7, person-1",
        "an event that nobody was given, log 42",
        "50 events, log 100 to 149",
    ]
    _, told, _ = await listed(tmp_path, "--recovered", "--json")
    rows = [json.loads(line) for line in told.splitlines()]
    assert [row["recovered"] for row in rows] == [False, False, True, False]
    assert rows[2]["id"] == str(recovered)
