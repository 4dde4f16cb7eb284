"""The pool, and the schema's migrations."""

import asyncio
import importlib.resources
import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from shared.contracts.errors import Misconfigured, TongbanError, Unavailable
from shared.contracts.member import DEFAULT_JURISDICTION
from shared.eventstore import hosts
from shared.eventstore.limits import ACQUIRE_WITHIN, COMMAND_WITHIN, CONNECT_WITHIN, MIGRATE_WITHIN

log = structlog.get_logger(__name__)

READ_SCHEMA = "read"  # where the views stand through which read models are asked
MIGRATION_LOCK = 7_300_001
TABLE_WITHIN_MS = 20_000  # what a migration waits for a table somebody uses: whoever comes behind it waits as well

LIST = """
create table if not exists migrations (name text primary key, applied_at timestamptz not null default now());
alter table migrations add column if not exists oldest text;
"""
DONE = "select name, oldest from migrations"
OLDEST = re.compile(r"-- oldest: (\S+)\n")

Pool = asyncpg.Pool
Connection = asyncpg.Connection | PoolConnectionProxy


class NotLaid(TongbanError):
    """A migration failed; nothing of it stands. The message names it, and no value."""


class _KeptConnection(asyncpg.Connection):
    """A connection that is handed back as it is: one round trip less for every borrowing.

    Sound because nothing here changes a session's state; advisory locks live on connections of their own.
    """

    def get_reset_query(self) -> str:
        return ""


class NoConnection(Unavailable, TimeoutError):
    """All connections were in use for as long as anybody waits; nothing was done."""


class BoundedPool(asyncpg.Pool):
    """A pool in which nobody waits for ever: after ACQUIRE_WITHIN seconds NoConnection is raised."""

    async def _acquire(self, timeout: float | None) -> PoolConnectionProxy:
        within = asyncio.timeout(ACQUIRE_WITHIN if timeout is None else timeout)
        try:
            async with within:
                connection: PoolConnectionProxy = await super()._acquire(None)  # type: ignore[misc]
                return connection
        except TimeoutError:
            if not within.expired():  # the network's own
                raise
            raise NoConnection("every connection to the database is in use") from None


async def connect_pool(
    url: str,
    *,
    name: str,
    min_size: int = 2,
    max_size: int = 16,
    command_timeout: float | None = COMMAND_WITHIN,
    keeps: str | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Pool:
    """A pool for one department process. Raises OSError or asyncpg.PostgresError when the database does not answer.

    `keeps` says which read models this process writes (`passing.kept`): once others stand, the database refuses its
    events. Whoever writes none leaves it out. `settings` are the server's, for each session.
    """
    return await BoundedPool(
        url,
        min_size=min_size,
        max_size=max_size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300,
        loop=None,
        connect=hosts.connect,  # type: ignore[arg-type]
        record_class=asyncpg.Record,
        command_timeout=command_timeout,
        timeout=CONNECT_WITHIN,
        connection_class=_KeptConnection,
        init=_learn_types,
        server_settings={**_settings(name), **({} if keeps is None else {"tongban.read_models": keeps}), **settings},
    )


async def connect(url: str, *, name: str) -> asyncpg.Connection:
    """A connection of its own, for work that holds a session's locks. Raises as `connect_pool`."""
    return await hosts.connect(url, server_settings=_settings(name), timeout=CONNECT_WITHIN)


def _settings(name: str) -> dict[str, str]:
    return {
        "application_name": name,
        "search_path": f"public, {READ_SCHEMA}",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
        "jit": "off",  # its set-up costs more than any of our statements
    }


async def _learn_types(connection: Connection) -> None:
    """asyncpg asks the catalogue about array types it meets first: once here, not within somebody's command."""
    await connection.prepare("select $1::int[], $2::bigint[], $3::smallint[], $4::uuid[], $5::timestamptz[]")


async def migrate(owner_url: str, application_role: str, jurisdiction: str = DEFAULT_JURISDICTION) -> list[str]:
    """Bring the store's schema up to date, as its owner; give the application role what it needs and no more.

    The application may read and add events and log rows, never change or remove them.
    What earlier releases stored without a jurisdiction is of this one.
    Returns the names of the migrations applied now. Safe to call from several processes at once.
    """
    connection = await hosts.connect(owner_url, timeout=CONNECT_WITHIN)
    try:
        async with connection.transaction():
            await _be_alone(connection)
            await connection.execute("select set_config('tongban.jurisdiction', $1, true)", jurisdiction)
            await connection.execute(LIST)
            done = {row["name"]: row["oldest"] for row in await connection.fetch(DONE)}
            await connection.execute(f"set local lock_timeout = {TABLE_WITHIN_MS}")
            migrations = _migrations()
            if newer := sorted(done.keys() - migrations.keys()):
                if impossible := not_for(migrations.keys(), done):
                    raise NotLaid(impossible)
                log.warning("a newer release has laid the schema; nothing of it is taken back", migrations=newer)
            applied = []
            for name, statements in migrations.items():
                if name in done:
                    continue
                oldest = oldest_of(statements)
                if oldest is not None and done and oldest not in done:
                    raise NotLaid(f"{name} follows {oldest}: install the release that has that one first, everywhere")
                await _apply(connection, name, statements, oldest)
                applied.append(name)
            await _grant(connection, application_role)
    finally:
        await connection.close()
    if applied:
        log.info("schema migrated", migrations=applied)
    return applied


def oldest_of(statements: str) -> str | None:
    """What a migration says of older releases, in its first line: `-- oldest: 0014_releases.sql`, those that have that
    one may run on what it lays. None: all may, since it only adds what they do not look at."""
    said = OLDEST.match(statements)
    return said[1] if said else None


def not_for(known: Collection[str], done: Mapping[str, str | None]) -> str | None:
    """Why a release that knows these migrations must not run on a schema that others have laid. None: it may."""
    for name in sorted(done.keys() - known):
        if (oldest := done[name]) is not None and oldest not in known:
            return f"a newer release has laid {name}, which is for releases that have {oldest}: start one of those"
    return None


async def _be_alone(connection: Connection) -> None:
    await connection.execute(f"set local lock_timeout = '{MIGRATE_WITHIN:g}s'")
    try:
        await connection.execute("select pg_advisory_xact_lock($1)", MIGRATION_LOCK)
    except asyncpg.LockNotAvailableError:
        raise NotLaid("another process has been laying the schema for long: look what it waits for") from None


def _migrations() -> dict[str, str]:
    """Name and statements, in their order."""
    files = importlib.resources.files(f"{__package__}.migrations").iterdir()
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".sql")
    }


async def _apply(connection: Connection, name: str, statements: str, oldest: str | None) -> None:
    try:
        await connection.execute(statements)
    except asyncpg.LockNotAvailableError:
        raise NotLaid(
            f"{name} waited {TABLE_WITHIN_MS // 1000} s for a table that another program uses: end that, and try again"
        ) from None
    except asyncpg.PostgresError as error:
        raise NotLaid(f"{name} failed ({type(error).__name__}, SQLSTATE {error.sqlstate})") from error
    await connection.execute("insert into migrations (name, oldest) values ($1, $2)", name, oldest)


async def _grant(connection: Connection, role: str) -> None:
    quoted = await connection.fetchval("select quote_ident($1)", role)
    database = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(
        f"""
        grant usage on schema public to {quoted};
        grant create on database {database} to {quoted};
        grant select on migrations to {quoted};
        grant select, insert on events, log, inbox to {quoted};
        grant select, insert on ledger_nodes, witness_eras, witnessed_keys, witnessed, witness_alarms to {quoted};
        grant select, insert on epochs, lost_events, lost_ranges to {quoted};
        grant select, insert on ledger_keys, witnessed_statements to {quoted};
        grant execute on function hold_log to {quoted};
        grant select, insert, update on releases_seen to {quoted};
        grant select on roll_backs to {quoted};
        grant update (used_at) on roll_backs to {quoted};
        grant select on phantoms to {quoted};
        grant update (again_sequence, again_at) on phantoms to {quoted};
        grant select, insert on feed_epochs, phantom_proposals, phantom_answers to {quoted};
        grant execute on function take_back to {quoted};
        grant select, insert, update, delete on rebuilds_due to {quoted};
        grant select, insert, delete on outbox to {quoted};
        grant select on sequence outbox_seq_seq to {quoted};
        grant select, insert, update on relay, checkpoints to {quoted};
        grant select, insert, update, delete on parked, read_models to {quoted};
        grant select, insert on files, sealed_keys to {quoted};
        grant select, insert, update on person_keys, key_readers to {quoted};
        grant select, insert, delete on key_outbox to {quoted};
        grant select, insert, update, delete on missing_keys to {quoted};
        grant update (sealed, master) on sealed_keys to {quoted};
        grant delete, update (stored_at) on files to {quoted};
        grant select, insert, update, delete on drafts, stuck to {quoted};
        grant select, insert, update, delete on counts, codes, messages, used_assertions, phone_accounts to {quoted};
        grant select, insert, update, delete on kiosk_tickets to {quoted};
        grant select, insert, update, delete on timers, timer_rules, snapshots to {quoted};
        grant select, insert, update, delete on read_model_builds, read_model_cursors, read_model_skipped to {quoted};
        """
    )


async def require_schema(pool: Pool) -> None:
    """Raises Misconfigured when the store's tables are not there, not all that this release needs, or of a newer
    release that says they are not for this one."""
    how = "run `python -m shared.department.migrate`, or set DATABASE_OWNER_URL so that it is laid at start"
    if await pool.fetchval("select to_regclass('public.events') is null"):
        raise Misconfigured(f"the database has no event store yet: {how}")
    known = _migrations().keys()
    if lacking := sorted(known - {row["name"] for row in await pool.fetch("select name from migrations")}):
        raise Misconfigured(f"the database's schema is of an older release and lacks {', '.join(lacking)}: {how}")
    if impossible := not_for(known, {row["name"]: row["oldest"] for row in await pool.fetch(DONE)}):
        raise Misconfigured(impossible)
