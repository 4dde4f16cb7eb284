"""The master key is changed: nothing stops signing, nothing is skipped, and the old one can go."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Misconfigured
from shared.department import rekeying
from shared.department.key_store import SealedKeys
from shared.department.rekeying import rekey
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.master_keys import MasterKey

WORDS = "塔元庄村村民委员会".encode()
OLD, NEW, LOST = (MasterKey(bytes([n]) * 32) for n in (1, 2, 3))
NAMES = ("issuer", "root", "seal")


@pytest.fixture
async def pool(database: DepartmentDatabase) -> AsyncIterator[Pool]:
    """Of a department whose three keys are under the old master key."""
    await migrate(database.owner_url, database.app)
    pool = await connect_pool(database.app_url, name="test")
    keys = SealedKeys(pool, lambda: [OLD])
    for name in NAMES:
        await keys.make(name, "ES256")
    yield pool
    await pool.close()


async def signatures(pool: Pool, *masters: MasterKey) -> list[bytes]:
    keys = SealedKeys(pool, lambda: masters)
    return [await keys.sign(name, WORDS) for name in NAMES]


async def test_everything_signs_as_before_once_the_old_master_key_is_gone(pool: Pool) -> None:
    before = await signatures(pool, OLD)
    assert await signatures(pool, NEW, OLD) == before
    done = await rekey(pool, lambda: [NEW, OLD])
    assert (done.master, done.wrapped, done.already, done.unopened) == (NEW.id, 3, 0, ())
    assert await signatures(pool, NEW) == before
    with pytest.raises(Misconfigured, match=f"key issuer was sealed under master key {NEW.id}"):
        await signatures(pool, OLD)


async def test_keys_from_before_their_master_key_was_said_are_read_and_wrapped(pool: Pool) -> None:
    before = await signatures(pool, OLD)
    await pool.execute("update sealed_keys set master = null")
    assert await signatures(pool, NEW, OLD) == before
    assert (await rekey(pool, lambda: [NEW, OLD])).wrapped == 3
    assert await signatures(pool, NEW) == before


async def test_broken_off_it_goes_on_and_again_it_changes_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "AT_ONCE", 1)
    sealed = SealedKeys(pool, lambda: [NEW, OLD])
    await sealed.make("made meanwhile", "EdDSA")  # by a department that knows the new one already
    done = await rekey(pool, lambda: [NEW, OLD])
    assert (done.wrapped, done.already) == (3, 1)
    done = await rekey(pool, lambda: [NEW, OLD])
    assert (done.wrapped, done.already) == (0, 4)


async def test_a_key_under_an_unknown_master_key_is_named_and_keeps_nobody_else(pool: Pool) -> None:
    await SealedKeys(pool, lambda: [LOST]).make("orphan", "SM2")
    done = await rekey(pool, lambda: [NEW, OLD])
    assert done.wrapped == 3
    assert [(key.name, key.master) for key in done.unopened] == [("orphan", LOST.id)]
    assert done.unopened[0].trouble == (
        f"key orphan was sealed under master key {LOST.id}, which KEY_MASTER_FILE does not hold"
    )
    assert await SealedKeys(pool, lambda: [LOST]).sign("orphan", WORDS)  # it is as it was


async def test_a_department_signs_all_the_while_and_two_at_once_do_it_once(pool: Pool) -> None:
    before = await signatures(pool, OLD)
    signing = asyncio.gather(*(signatures(pool, NEW, OLD) for _ in range(20)))
    rekeyings = asyncio.gather(*(rekey(pool, lambda: [NEW, OLD]) for _ in range(2)))
    assert all(one == before for one in await signing)
    assert sum(one.wrapped for one in await rekeyings) == 3
    assert await signatures(pool, NEW) == before


async def test_nobody_changes_a_keys_name_or_public_part(pool: Pool) -> None:
    grants = "select privilege_type, column_name from information_schema.column_privileges where table_name = $1"
    changed = {
        row["column_name"] for row in await pool.fetch(grants, "sealed_keys") if row["privilege_type"] == "UPDATE"
    }
    assert changed == {"sealed", "master"}
