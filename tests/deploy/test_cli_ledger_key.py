"""`tongban ledger-key`: a department's key is changed while it runs, and its neighbours take it."""

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.secrets import new_signing_key, write_private
from services.certificates.service import SERVICE as CERTIFICATES
from services.notification.service import SERVICE as NOTIFICATION
from shared.contracts.errors import Misconfigured
from shared.department.tokens import new_private_key
from shared.eventstore.database import Pool
from shared.eventstore.ledger_keys import LedgerKeys, id_of
from shared.eventstore.signed_head import origin_of
from shared.messaging import witness_eras, witness_store
from tests.databases import Databases
from tests.department import Department, running
from tests.deploy.serving import served
from tests.deploy.terminal import tongban
from tests.servers import embedded_nats
from tests.until import until

MEMBER = "local.notification"
ADD = """
with added as (
  insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
  select 'x-' || gen_random_uuid(), 1, gen_random_uuid(), 'notification.Noted', 1, '{}', '{"actor": "citizen:1"}', now()
  from generate_series(1, $1::int) n returning stream, version
)
insert into outbox (stream, version) select stream, version from added
"""


@dataclass
class Pair:
    """certificates witnesses notification."""

    witness: Pool
    broker_url: str
    database: DepartmentDatabase
    key_file: Path

    @asynccontextmanager
    async def notification_runs(self, key_file: Path | None = None) -> AsyncIterator[Department]:
        file = key_file or self.key_file
        async with running(NOTIFICATION, self.database, self.broker_url, key_known=False, ledger_key_file=file) as one:
            yield one

    async def keys(self) -> LedgerKeys | None:
        return await (await witness_eras.present(self.witness, MEMBER)).keys(origin_of(MEMBER))

    async def until_witnessed(self, size: int) -> None:
        async def is_witnessed() -> bool:
            return (await (await witness_eras.present(self.witness, MEMBER)).seen()).size >= size

        await until(is_witnessed, what=f"{size} events are witnessed")

    async def until_held_to(self, key: str) -> None:
        async def is_held_to() -> bool:
            keys = await self.keys()
            return keys is not None and id_of(keys.present) == key

        await until(is_held_to, what=f"the witness holds it to {key}")

    async def is_calm(self) -> bool:
        return await witness_store.standing(self.witness) == []


@pytest.fixture
async def pair(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    key_file = tmp_path / "notification.pem"
    write_private(key_file, new_signing_key())
    own = tmp_path / "certificates.pem"
    own.write_bytes(new_private_key().as_pem(private=True))
    async with (
        embedded_nats() as broker,
        databases.fresh() as ours,
        databases.fresh() as theirs,
        running(CERTIFICATES, ours, broker.url(), key_known=False, ledger_key_file=own) as certificates,
        served(certificates.app) as address,
    ):
        monkeypatch.setenv("NOTIFICATION_DATABASE_URL", theirs.app_url)
        monkeypatch.setenv("NOTIFICATION_LEDGER_KEY_FILE", str(key_file))
        monkeypatch.setenv("CERTIFICATES_HTTP_URL", address)
        yield Pair(certificates.engine.pool, broker.url(), theirs, key_file)


async def rotate() -> str:
    code, output, errors = await tongban("ledger-key", "rotate", "notification")
    assert code == 0, errors
    return output.split()[3]


async def test_a_key_is_rotated_while_the_department_runs(pair: Pair) -> None:
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
        await pair.until_held_to(await rotate())
        newest = await rotate()
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_held_to(newest)
        await pair.until_witnessed(10)
        assert await pair.is_calm()
        async with notification.client() as http:
            assert id_of((await http.get("/ledger/key")).text) == newest
            told = (await http.get("/ledger/keys")).json()
            assert [one["until"] for one in told["keys"]] == [5, 5, None]
    assert stat.S_IMODE(pair.key_file.stat().st_mode) == 0o600
    async with pair.notification_runs() as notification:
        assert id_of((await notification.engine.signer.keys(notification.engine.pool)).present) == newest  # type: ignore[union-attr]


async def test_a_restore_to_before_a_rotation_signs_with_the_new_key(pair: Pair) -> None:
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
        newest = await rotate()
        await pair.until_held_to(newest)
    await forget_the_rotation(pair)
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(10)
        assert await pair.is_calm()


async def test_with_an_older_key_file_as_well_the_neighbours_tell(pair: Pair, tmp_path: Path) -> None:
    old = tmp_path / "old.pem"
    write_private(old, pair.key_file.read_bytes())
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
        newest = await rotate()
        await pair.until_held_to(newest)
    await forget_the_rotation(pair)
    async with pair.notification_runs(old) as notification:
        known = "select count(*) from ledger_keys"
        await until(lambda: _is(notification, known, 2), what="the neighbours' word is heard")
        async with notification.client() as http:
            assert (await http.get("/ledger/checkpoint")).status_code == 503
        assert await pair.is_calm()
    with pytest.raises(Misconfigured, match="put the file with the newer key in its place"):
        async with pair.notification_runs(old):
            pass


async def test_a_withdrawn_key_is_told_to_the_neighbours(pair: Pair) -> None:
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
        first = id_of((await pair.keys()).present)  # type: ignore[union-attr]
        code, _, errors = await tongban("ledger-key", "withdraw", "notification", first, "--after", "3")
        assert (code, "is the present key: rotate it first" in errors) == (1, True)
        await pair.until_held_to(await rotate())
        code, _, errors = await tongban("ledger-key", "withdraw", "notification", first, "--after", "3")
        assert code == 0, errors

        async def is_known() -> bool:
            keys = await pair.keys()
            return keys is not None and {id_of(one) for one in keys.withdrawn} == {first}

        await until(is_known, what="the witness knows that it was withdrawn")
        assert await pair.is_calm()
    code, output, _ = await tongban("ledger-key", "show", "notification", "--json")
    shown = [json.loads(line) for line in output.splitlines()]
    assert [(one["id"] == first, one["until"], one["is_withdrawn"]) for one in shown] == [
        (True, 3, True),
        (False, None, False),
    ]
    code, output, _ = await tongban("ledger-key", "show", "notification")
    assert f"notification: {first}  counts for 3 events and no more, WITHDRAWN" in output


async def test_a_lost_key_is_replaced_and_raises_the_alarm(pair: Pair) -> None:
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
    pair.key_file.unlink()
    code, output, errors = await tongban("ledger-key", "accept", "notification")
    assert (code, "run `tongban witness renew` at each" in errors) == (0, True)
    async with pair.notification_runs():
        alarms = await until(lambda: witness_store.standing(pair.witness), what="the witness is alarmed")
        assert [one.kind for one in alarms] == ["key"]
        await witness_eras.renew(pair.witness, MEMBER, "operator:li", "the key was lost in a fire")
        await pair.until_held_to(output.split()[3])


async def test_verify_knows_rotated_keys(pair: Pair) -> None:
    async with pair.notification_runs() as notification:
        await notification.engine.pool.execute(ADD, 5)
        await pair.until_witnessed(5)
        await pair.until_held_to(await rotate())
        code, output, errors = await tongban("verify", "notification")
        assert (code, "intact" in output) == (0, True), output + errors


async def forget_the_rotation(pair: Pair) -> None:
    """What a database that is restored to a moment before knows of it."""
    connection = await asyncpg.connect(pair.database.admin_url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute("delete from ledger_keys where nth > 1")
    await connection.close()


async def _is(notification: Department, question: str, wanted: int) -> bool:
    return bool(await notification.engine.pool.fetchval(question) == wanted)
