"""A department's ledger key changes while it runs, and after its database was restored: its neighbour takes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.nats import Nats
from deploy.secrets import new_signing_key, write_private
from shared.contracts.errors import Misconfigured
from shared.eventstore.ledger_keys import LedgerKeys, id_of
from shared.eventstore.ledger_rotation import rotate, withdraw
from shared.eventstore.ledger_signer import KeyAway
from shared.eventstore.signed_head import origin_of
from shared.messaging import witness_eras, witness_store
from tests.databases import Databases
from tests.shared.continuity.port import Port, port
from tests.until import until

MEMBER = "local.harbour"


@pytest.fixture
async def two(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Port]:
    """Customs knows of two ships."""
    async with databases.fresh() as one, databases.fresh() as other:
        key_file = tmp_path / "ledger-key.pem"
        write_private(key_file, new_signing_key())
        async with port(own_nats, (one, other), tmp_path, key_file) as made:
            await made.arrive("a", "b")
            await made.all_is_known(2, 2)
            yield made


def file_of(two: Port) -> Path:
    assert two.key_file is not None
    return two.key_file


async def known(two: Port) -> LedgerKeys | None:
    """To customs."""
    return await (await witness_eras.present(two.customs.pool, MEMBER)).keys(origin_of(MEMBER))


async def rotated(two: Port) -> str:
    """Returns when customs holds harbour to the new key."""
    key = (await rotate(two.harbour.pool, MEMBER, file_of(two))).present

    async def is_held_to() -> bool:
        keys = await known(two)
        return keys is not None and keys.present == key

    await until(is_held_to, what="customs holds it to the new key")
    return key


async def is_calm(two: Port) -> bool:
    return await witness_store.standing(two.customs.pool) == []


async def forget_the_rotation(two: Port) -> None:
    """What a database knows of it that is restored to a moment before."""
    connection = await asyncpg.connect(two.harbour_database.admin_url)
    await connection.execute("set session_replication_role = replica")
    await connection.execute("delete from ledger_keys where nth > 1")
    await connection.close()


async def test_a_key_is_rotated_and_withdrawn_while_all_run(two: Port) -> None:
    first = (await known(two)).present  # type: ignore[union-attr]
    await rotated(two)
    newest = await rotated(two)
    await withdraw(two.harbour.pool, MEMBER, file_of(two), id_of(first), 1)

    async def is_withdrawn() -> bool:
        keys = await known(two)
        return keys is not None and keys.withdrawn == {first}

    await until(is_withdrawn, what="customs knows that the first key was withdrawn")
    await two.arrive("c")
    await two.all_is_known(3, 3)
    assert await is_calm(two)
    keys = await known(two)
    assert keys is not None
    assert (keys.present, list(keys.until.values())) == (newest, [1, 2])


async def test_restored_to_before_a_rotation_it_learns_from_its_file(two: Port) -> None:
    newest = await rotated(two)
    await two.stop_harbour()
    await forget_the_rotation(two)
    await two.start_harbour()
    await two.arrive("c")
    await two.all_is_known(3, 3)
    assert await is_calm(two)
    assert (await known(two)).present == newest  # type: ignore[union-attr]


async def test_with_an_older_file_as_well_its_neighbour_tells(two: Port, tmp_path: Path) -> None:
    old = tmp_path / "old.pem"
    write_private(old, file_of(two).read_bytes())
    await rotated(two)
    await two.stop_harbour()
    await forget_the_rotation(two)
    two.key_file = old
    await two.start_harbour()
    learned = "select count(*) = 2 from ledger_keys"
    await until(lambda: two.harbour.pool.fetchval(learned), what="customs' word is heard")
    assert two.harbour.signer is not None
    with pytest.raises(KeyAway):
        await two.harbour.signer.sign(two.harbour.ledger, 2)
    await two.arrive("c")
    await two.published(3)
    assert await is_calm(two)
    await two.stop_harbour()
    with pytest.raises(Misconfigured, match="put the file with the newer key in its place"):
        await two.start_harbour()
