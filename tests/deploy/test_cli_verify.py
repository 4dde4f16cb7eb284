"""`tongban verify` finds what was altered, names it, and says who proves it: whatever the intruder also rewrote."""

from collections.abc import AsyncIterator, Awaitable, Callable
from io import StringIO
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from deploy import known_stack
from deploy.cli.verify_work import show, verify_all
from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.service import SERVICE as CERTIFICATES
from services.notification.service import SERVICE as NOTIFICATION
from shared.department.tokens import new_private_key
from shared.eventstore.database import connect_pool
from shared.eventstore.ledger_keeper import LedgerKeeper
from shared.eventstore.sequencer import NUMBER
from tests.databases import Databases
from tests.department import running
from tests.deploy.serving import served
from tests.deploy.terminal import tongban
from tests.servers import embedded_nats
from tests.until import until

EVENTS = 600  # two kept nodes and a part of a third tile
ADD = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
  select 'note-' || n, 1, gen_random_uuid(), 'notification.Noted', 1,
         json_build_object('text', 'number ' || n), '{"actor": "citizen:1"}', now() + n * interval '1 ms'
  from generate_series(1, $1::int) n returning stream, version, recorded_at
)
insert into outbox (stream, version) select stream, version from added order by recorded_at
"""
TABLES = ("events", "log", "ledger_nodes")
Verify = Callable[[], Awaitable[tuple[int, str]]]


@pytest.fixture(scope="module")
async def witness(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, DepartmentDatabase]]:
    """certificates has witnessed all of notification's ledger, which has come to rest. Its address, and the database
    of notification."""
    key_file = tmp_path_factory.mktemp("keys") / "key.pem"
    key_file.write_bytes(new_private_key().as_pem(private=True))
    async with (
        embedded_nats() as broker,
        databases.fresh() as of_notification,
        databases.fresh() as of_certificates,
        running(CERTIFICATES, of_certificates, broker.url(), key_known=False) as certificates,
        served(certificates.app) as address,
    ):
        async with running(
            NOTIFICATION, of_notification, broker.url(), key_known=False, ledger_key_file=key_file
        ) as notification:
            await notification.engine.pool.execute(ADD, EVENTS)
            seen = "select max(size) from witnessed where department = 'local.notification'"

            async def all_seen() -> bool:
                return bool(await certificates.engine.pool.fetchval(seen) == EVENTS)

            await until(all_seen, what="everything is witnessed")
        yield address, of_notification


@pytest.fixture
def verify(witness: tuple[str, DepartmentDatabase], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Verify:
    """What the command shows, and its exit code; in this process, which is quicker."""
    address, database = witness
    monkeypatch.setenv("NOTIFICATION_DATABASE_URL", database.app_url)
    monkeypatch.setenv("CERTIFICATES_HTTP_URL", address)

    async def verify() -> tuple[int, str]:
        output = Console(file=StringIO(), width=200, highlight=False)
        heard = await verify_all(known_stack.find(tmp_path), ["notification"])
        code = show(list(heard.answers.values()), output)
        return code, output.file.getvalue()  # type: ignore[attr-defined]

    return verify


class Intruder:
    """Has the administrator's password and switches the triggers off."""

    def __init__(self, connection: asyncpg.Connection, database: DepartmentDatabase) -> None:
        self.sql = connection.execute
        self._database = database

    async def rewrite_the_ledger(self) -> None:
        """Log, leaves and kept nodes made anew, so that all fits together again."""
        await self.sql(
            "with old as (delete from log returning position, stream, version)"
            " insert into outbox (stream, version) select stream, version from old order by position"
        )
        await self.sql("delete from ledger_nodes")
        async with await connect_pool(self._database.app_url, name="intruder") as pool:
            await pool.fetch(NUMBER, 2 * EVENTS, [], [], 0, None)
            keeper = LedgerKeeper(pool)
            while await keeper.keep():
                pass


@pytest.fixture
async def intruder(witness: tuple[str, DepartmentDatabase]) -> AsyncIterator[Intruder]:
    """What he did is undone afterwards."""
    database = witness[1]
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute("set session_replication_role = replica")
    for table in TABLES:
        await connection.execute(f"create table as_it_was_{table} as table {table}")
    yield Intruder(connection, database)
    for table in TABLES:
        await connection.execute(f"delete from {table}; insert into {table} table as_it_was_{table}")
        await connection.execute(f"drop table as_it_was_{table}")
    await connection.close()


async def test_an_untouched_history_is_intact(verify: Verify) -> None:
    code, shown = await verify()
    assert code == 0, shown
    assert shown.split() == [
        *("department", "events", "verdict", "witnessed", "by"),
        *("notification", str(EVENTS), "intact", "certificates", str(EVENTS)),
    ]


async def test_changed_bytes_are_found(verify: Verify, intruder: Intruder) -> None:
    await intruder.sql("""update events set data = '{"text": "another"}' where stream = 'note-300'""")
    await intruder.sql("""update events set metadata = '{}' where stream = 'note-400'""")
    code, shown = await verify()
    assert code == 1
    assert "position 300 (note-300 version 1, notification.Noted): its bytes were changed" in shown
    assert "proved by certificates, its own log" in shown


async def test_a_whole_rewritten_ledger_is_found_by_the_witness_alone(verify: Verify, intruder: Intruder) -> None:
    await intruder.sql("""update events set data = '{"text": "another"}' where stream = 'note-17'""")
    await intruder.rewrite_the_ledger()
    code, shown = await verify()
    assert code == 1
    assert (
        "position 17 (note-17 version 1, notification.Noted): its bytes were changed; proved by certificates\n" in shown
    )


async def test_without_a_witness_it_says_how_little_that_proves(
    verify: Verify, intruder: Intruder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CERTIFICATES_HTTP_URL")
    await intruder.sql("""update events set data = '{"text": "another"}' where stream = 'note-17'""")
    await intruder.rewrite_the_ledger()
    code, shown = await verify()
    assert code == 0
    assert "nobody yet" in shown
    assert "no witness holds anything of it" in shown


async def test_an_event_altered_with_its_leaf_does_not_fit_the_kept_nodes(
    verify: Verify, intruder: Intruder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CERTIFICATES_HTTP_URL")
    await intruder.sql("create table nodes as table ledger_nodes")
    await intruder.sql("""update events set data = '{"text": "another"}' where stream = 'note-300'""")
    await intruder.rewrite_the_ledger()
    await intruder.sql("delete from ledger_nodes; insert into ledger_nodes table nodes; drop table nodes")
    code, shown = await verify()
    assert code == 1
    assert "one of the events 257 to 512 was altered" in shown


async def test_a_deleted_event_is_found(verify: Verify, intruder: Intruder) -> None:
    await intruder.sql("delete from events where stream = 'note-42'")
    code, shown = await verify()
    assert code == 1
    assert "position 42 (note-42 version 1, type unknown): the event's row is missing" in shown
    await intruder.sql("delete from log where stream = 'note-42'")
    code, shown = await verify()
    assert code == 1
    assert "position 42 (unknown event): its row is missing in the log; proved by certificates, its own log" in shown
    await intruder.rewrite_the_ledger()
    code, shown = await verify()
    assert code == 1
    assert "position 42 (note-43 version 1, notification.Noted): an event was removed here: " in shown
    assert "what stands here stood at position 43; proved by certificates" in shown


@pytest.mark.parametrize("rewritten", [False, True])
async def test_two_swapped_events_are_found(verify: Verify, intruder: Intruder, rewritten: bool) -> None:
    for old, new in ((100, 9999), (500, 100), (9999, 500)):
        await intruder.sql(f"update log set position = {new} where position = {old}")
    if rewritten:
        await intruder.rewrite_the_ledger()
    code, shown = await verify()
    assert code == 1
    assert "position 100 (note-500 version 1, notification.Noted): the order was changed" in shown
    assert "what stood here stands at position 500 now; proved by certificates" in shown


@pytest.mark.parametrize("events_too", [False, True])
async def test_a_log_rolled_back_is_found(verify: Verify, intruder: Intruder, events_too: bool) -> None:
    if events_too:
        await intruder.sql("delete from events e using log l where l.position > 550 and l.stream = e.stream")
    await intruder.sql("delete from log where position > 550")
    code, shown = await verify()
    assert code == 1
    assert "position 551 (unknown event): the log ends before it; proved by certificates" in shown
    assert ("note-551 version 1, notification.Noted: stored, but not in the log" in shown) is not events_too


async def test_an_event_put_beside_the_log_is_found(verify: Verify, intruder: Intruder) -> None:
    await intruder.sql(
        "insert into events select stream, 2, gen_random_uuid(), type, schema, data, metadata, recorded_at"
        " from events where stream = 'note-7'"
    )
    code, shown = await verify()
    assert code == 1
    assert "note-7 version 2, notification.Noted: stored, but not in the log" in shown


async def test_a_witness_that_does_not_answer_is_named(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_HTTP_URL", "http://127.0.0.1:9")
    code, shown = await verify()
    assert code == 3
    assert "notification: witness identity does not answer (ConnectError)" in shown
    assert "intact" in shown


async def test_as_a_person_types_it(
    verify: Verify, intruder: Intruder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output, errors = await tongban("verify", "--data", tmp_path)
    assert (code, "intact" in output) == (0, True), errors
    await intruder.sql("delete from events where stream = 'note-42'")
    code, output, errors = await tongban("verify", "notification", "--data", tmp_path)
    assert (code, "first altered event: position 42 (note-42" in output) == (1, True), errors
    monkeypatch.setenv("NOTIFICATION_DATABASE_URL", "postgresql://x:y@127.0.0.1:9/z")
    code, output, errors = await tongban("verify", "notification", "--data", tmp_path)
    assert (code, output) == (1, "")
    assert "the database of notification does not answer" in errors
