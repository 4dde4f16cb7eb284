"""`tongban witness`: a neighbour that was restored, or has a new key, is settled and witnessed again."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy import health
from deploy.embedded.department_database import DepartmentDatabase
from deploy.verify import testimony
from services.certificates.service import SERVICE as CERTIFICATES
from services.notification.service import SERVICE as NOTIFICATION
from shared.department.tokens import new_private_key
from shared.eventstore.database import Pool
from shared.messaging.witness_eras import renew
from shared.messaging.witness_store import WitnessStore
from tests.databases import Databases
from tests.department import Department, running
from tests.deploy.serving import served
from tests.deploy.terminal import tongban
from tests.servers import embedded_nats
from tests.until import until

EVENTS = 20
REASON = "restored from the backup of 3 o'clock; events 16 to 20 are lost"
ADD = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
  select $2::text || n, 1, gen_random_uuid(), 'notification.Noted', 1, '{}', '{"actor": "citizen:1"}', now()
  from generate_series(1, $1::int) n returning stream, version
)
insert into outbox (stream, version) select stream, version from added
"""
WITNESSED = "select size from witnessed where department = 'local.notification' and era = $1 order by size desc limit 1"
RENEW = ("witness", "renew", "certificates", "notification")


@dataclass
class Witnessing:
    """certificates runs all the time and is the witness; notification now and then."""

    pool: Pool  # of certificates
    address: str  # its HTTP
    broker_url: str
    notification: DepartmentDatabase
    keys: Path

    @asynccontextmanager
    async def notification_runs(self, key: str = "first") -> AsyncIterator[Department]:
        key_file = self.keys / f"{key}.pem"
        if not key_file.exists():
            key_file.write_bytes(new_private_key().as_pem(private=True))
        async with running(
            NOTIFICATION, self.notification, self.broker_url, key_known=False, ledger_key_file=key_file
        ) as one:
            yield one

    async def restore(self, keep: int) -> None:
        """As from a backup made when there were so many events."""
        connection = await asyncpg.connect(self.notification.admin_url)
        await connection.execute("set session_replication_role = replica")
        await connection.execute("delete from events e using log l where l.position > $1 and l.stream = e.stream", keep)
        await connection.execute("delete from log where position > $1", keep)
        await connection.close()

    async def until_witnessed(self, size: int, era: int = 1) -> None:
        async def is_witnessed() -> bool:
            return bool(await self.pool.fetchval(WITNESSED, era) == size)

        await until(is_witnessed, what=f"{size} events are witnessed in era {era}")

    async def until_alarmed(self) -> list[str]:
        alarms = "select kind from witness_alarms where era = 1 order by raised_at"
        return [row["kind"] for row in await until(lambda: self.pool.fetch(alarms), what="an alarm is raised")]


@pytest.fixture
async def witnessing(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Witnessing]:
    """certificates has witnessed notification's first events. Both are where the commands look for them."""
    async with (
        embedded_nats() as broker,
        databases.fresh() as of_notification,
        databases.fresh() as of_certificates,
        running(CERTIFICATES, of_certificates, broker.url(), key_known=False) as certificates,
        served(certificates.app) as address,
    ):
        monkeypatch.setenv("NOTIFICATION_DATABASE_URL", of_notification.app_url)
        monkeypatch.setenv("CERTIFICATES_DATABASE_URL", of_certificates.app_url)
        monkeypatch.setenv("CERTIFICATES_HTTP_URL", address)
        witnessing = Witnessing(certificates.engine.pool, address, broker.url(), of_notification, tmp_path)
        async with witnessing.notification_runs() as notification:
            await notification.engine.pool.execute(ADD, EVENTS, "note-")
            await witnessing.until_witnessed(EVENTS)
        yield witnessing


async def command(tmp_path: Path, *arguments: str) -> tuple[int, str, str]:
    return await tongban(*arguments, "--data", tmp_path)


async def test_from_the_alarm_to_a_clean_verdict(
    witnessing: Witnessing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of alarm ends so; test_witness_eras has the others."""
    keep, added, key, alarms = 20, 5, "second", ["key"]
    await witnessing.restore(keep)
    first = witnessing.keys / "first.pem"
    async with running(
        NOTIFICATION, witnessing.notification, key_known=False, ledger_key_file=first
    ) as unreachable:  # no broker: nobody hears
        await unreachable.engine.pool.execute(ADD, added, "later-")
        await until(lambda: is_as_long(unreachable, keep + added), what="all is numbered")
    monkeypatch.setenv("NOTIFICATION_LEDGER_KEY_FILE", str(witnessing.keys / f"{key}.pem"))
    code, _, errors = await command(tmp_path, "ledger-key", "accept", "notification")
    assert code == 0, errors
    async with witnessing.notification_runs(key):
        assert await witnessing.until_alarmed() == alarms
        code, told, _ = await command(tmp_path, "verify", "notification")
        assert code == 1
        assert f"ALARM raised by certificates: {alarms[0]} at " in told
        code, told, _ = await command(tmp_path, "witness", "list", "certificates")
        assert code == 1
        assert "certificates: local.notification  era 1, 20 events witnessed, since " in told
        assert f"  ALARM {alarms[0]} at " in told

        code, _, errors = await command(tmp_path, *RENEW, "--reason", REASON)
        assert code == 0, errors
        assert "certificates witnesses notification in era 2 now, from its first event on" in errors
        await witnessing.until_witnessed(keep + added, era=2)
        code, told, _ = await command(tmp_path, "verify", "notification")
        assert code == 0, told
        assert told.split()[5:10] == ["notification", str(keep + added), "intact", "certificates", str(keep + added)]
        assert "notification: certificates closed era 1 on " in told
        assert f": {REASON}\n" in told

    code, told, _ = await command(tmp_path, "witness", "list", "certificates", "--json")
    assert code == 0
    [held] = [one for one in map(json.loads, told.splitlines()) if one["department"] == "local.notification"]
    assert (held["witness"], held["era"], held["size"], held["alarms"]) == ("certificates", 2, keep + added, [])
    assert [(one["era"], one["reason"]) for one in held["begun"]] == [(2, REASON)]
    assert held["begun"][0]["begun_by"].startswith("operator:")
    assert await WitnessStore(witnessing.pool, "local.notification", 1).leaves(0, 100) != b"", "evidence stays"


async def is_as_long(department: Department, size: int) -> bool:
    return await department.engine.ledger.size() == size


async def test_a_verification_under_way_keeps_to_the_era_it_began_with(witnessing: Witnessing) -> None:
    async with health.client() as http:
        certificates = testimony.Testimony(http, "certificates", witnessing.address, "local.notification")
        await certificates.ask()
        await renew(witnessing.pool, "local.notification", "operator:li", REASON, even_without_alarm=True)
        leaves = [await certificates.next() for _ in range(EVENTS)]
        certificates.conclude()
    assert certificates.trouble is None
    assert await WitnessStore(witnessing.pool, "local.notification", 1).leaves(0, EVENTS) == b"".join(
        filter(None, leaves)
    )


async def test_what_is_refused_changes_nothing(witnessing: Witnessing, tmp_path: Path) -> None:
    async def refused(*arguments: str) -> str:
        code, output, errors = await command(tmp_path, *arguments)
        assert (code > 0, output) == (True, "")
        return " ".join(errors.replace("│", " ").split())

    assert "No alarm stands about this department" in await refused(*RENEW, "--reason", REASON)
    for nothing in ("   ", "two\nlines"):
        assert "say why, on one line of 3 to 500 characters" in await refused(*RENEW, "--reason", nothing, "--force")
    assert "Missing option '--reason'" in await refused(*RENEW)
    weather = await refused("witness", "renew", "certificates", "weather", "--reason", REASON, "--force")
    assert "certificates has no neighbour local.weather; it has local.identity" in weather
    itself = await refused("witness", "renew", "certificates", "certificates", "--reason", REASON, "--force")
    assert "certificates has no neighbour local.certificates" in itself
    nobody = await refused("witness", "renew", "weather", "notification", "--reason", REASON)
    assert "there is no department weather" in nobody
    assert await witnessing.pool.fetchval("select count(*) from witness_eras") == 0

    code, _, errors = await command(tmp_path, *RENEW, "--reason", REASON, "--force")
    assert code == 0, errors
    assert (
        await witnessing.pool.fetchval("select max(era) from witness_eras where department = 'local.notification'") == 2
    )


async def test_a_database_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_DATABASE_URL", "postgresql://certificates:x@127.0.0.1:9/certificates")
    for arguments in (("witness", "list", "certificates"), (*RENEW, "--reason", REASON)):
        code, _, errors = await command(tmp_path, *arguments)
        assert code == 1
        assert "the database of certificates does not answer" in errors
