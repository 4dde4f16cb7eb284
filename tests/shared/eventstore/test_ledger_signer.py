"""A ledger is signed with the key that its database knows; another one is refused at the start."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contracts.errors import Misconfigured
from shared.eventstore import ledger_key_file, ledger_signer
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_keys import rotation
from shared.eventstore.ledger_signer import KeyAway, LedgerSigner, known_keys, settled
from shared.eventstore.signed_head import HeadSigner
from tests.databases import Databases

MEMBER = "local.harbour"
ORIGIN = "tongban/local/harbour"
FIRST, SECOND, THIRD = (Ed25519PrivateKey.generate() for _ in range(3))
NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
VERIFIERS = [HeadSigner(MEMBER, key).key for key in (FIRST, SECOND, THIRD)]


@asynccontextmanager
async def laid(databases: Databases) -> AsyncIterator[Pool]:
    async with databases.fresh() as database:
        await migrate(database.owner_url, database.app)
        async with await connect_pool(database.app_url, name="harbour") as pool:
            yield pool


@pytest.fixture
async def pool(databases: Databases) -> AsyncIterator[Pool]:
    async with laid(databases) as pool:
        yield pool


def holding(tmp_path: Path, *keys: Ed25519PrivateKey, statements: tuple[str, ...] = ()) -> Path:
    path = tmp_path / "ledger-key.pem"
    path.write_text("".join(map(ledger_key_file.block, statements)) + "".join(map(ledger_key_file.pem, keys)))
    return path


async def test_the_key_of_the_first_start_is_kept_beside_the_log(pool: Pool) -> None:
    await LedgerSigner(MEMBER, FIRST).settle(pool)
    keys = await LedgerSigner(MEMBER, FIRST).settle(pool)
    assert (keys.keys, keys.statements) == ((VERIFIERS[0],), ())
    [row] = await pool.fetch("select key, size, epoch from ledger_keys")
    assert tuple(row) == (VERIFIERS[0], 0, 1)


async def test_a_key_of_another_department_is_refused_at_the_start(pool: Pool) -> None:
    await LedgerSigner(MEMBER, FIRST).settle(pool)
    with pytest.raises(Misconfigured, match=r"holds another key .* `tongban ledger-key rotate harbour`"):
        await LedgerSigner(MEMBER, SECOND).settle(pool)
    assert (await known_keys(pool, ORIGIN)).keys == (VERIFIERS[0],)  # type: ignore[union-attr]


async def test_without_its_key_a_signed_ledger_is_not_started(pool: Pool) -> None:
    await settled(pool, None, MEMBER)
    await LedgerSigner(MEMBER, FIRST).settle(pool)
    with pytest.raises(Misconfigured, match="LEDGER_KEY_FILE is missing"):
        await settled(pool, None, MEMBER)


async def test_a_restored_database_learns_the_newer_key_from_the_file(pool: Pool, tmp_path: Path) -> None:
    await LedgerSigner(MEMBER, FIRST).settle(pool)
    told = rotation(ORIGIN, FIRST, SECOND, 0, NOW)
    signer = LedgerSigner(MEMBER, holding(tmp_path, SECOND, statements=(told,)))
    assert (await signer.settle(pool)).keys == (VERIFIERS[0], VERIFIERS[1])
    assert (await signer.sign(Ledger(pool), 0)).head.note == HeadSigner(MEMBER, SECOND).sign(0, EMPTY).note


async def test_an_older_key_file_is_refused_once_a_newer_key_signs(pool: Pool, tmp_path: Path) -> None:
    told = rotation(ORIGIN, FIRST, SECOND, 0, NOW)
    await LedgerSigner(MEMBER, holding(tmp_path, FIRST, SECOND, statements=(told,))).settle(pool)
    with pytest.raises(Misconfigured, match="put the file with the newer key in its place"):
        await LedgerSigner(MEMBER, holding(tmp_path, FIRST)).settle(pool)


async def test_an_instance_without_the_present_key_signs_nothing(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_signer, "LOOK_AGAIN", 0.0)
    ours, others = (LedgerSigner(MEMBER, holding(tmp_path / name, FIRST)) for name in made(tmp_path, "a", "b"))
    await ours.settle(pool)
    await others.settle(pool)
    told = rotation(ORIGIN, FIRST, SECOND, 0, NOW)
    holding(tmp_path / "a", FIRST, SECOND, statements=(told,))
    await ours.learned(pool, [told])
    assert (await ours.sign(Ledger(pool), 0)).keys.present == VERIFIERS[1]
    with pytest.raises(KeyAway):
        await others.sign(Ledger(pool), 0)
    holding(tmp_path / "b", SECOND)
    assert (await others.sign(Ledger(pool), 0)).keys.present == VERIFIERS[1]


async def test_what_no_key_of_ours_has_signed_is_not_learned(pool: Pool) -> None:
    signer = LedgerSigner(MEMBER, FIRST)
    await signer.settle(pool)
    await signer.learned(pool, [rotation(ORIGIN, SECOND, THIRD, 0, NOW), "nonsense"])
    assert (await signer.sign(Ledger(pool), 0)).keys.keys == (VERIFIERS[0],)


async def test_a_key_file_that_is_not_whole_at_its_end_is_read(pool: Pool, tmp_path: Path) -> None:
    path = holding(tmp_path, FIRST)
    ledger_key_file.add(path, ledger_key_file.block(rotation(ORIGIN, FIRST, SECOND, 0, NOW))[:-20])
    assert (await LedgerSigner(MEMBER, path).settle(pool)).keys == (VERIFIERS[0],)


EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def made(path: Path, *names: str) -> tuple[str, ...]:
    for name in names:
        (path / name).mkdir()
    return names
