"""What a department keeps beside its memory: keys that sign and never come out, files by their hash, drafts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import asyncpg
import gmalg
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Misconfigured
from shared.department import drafts, files
from shared.department.drafts import Draft
from shared.department.key_store import Algorithm, SealedKeys, verify_sm2
from shared.eventstore.database import Pool, connect_pool, migrate
from shared.eventstore.master_keys import MasterKey

WORDS = "塔元庄村村民委员会".encode()
MASTER = MasterKey(bytes(range(32)))
NOW = datetime(2023, 12, 24, 9, 0, tzinfo=UTC)


def masters() -> list[MasterKey]:
    return [MASTER]


@pytest.fixture
async def pool(database: DepartmentDatabase) -> AsyncIterator[Pool]:
    await migrate(database.owner_url, database.app)
    pool = await connect_pool(database.app_url, name="test")
    yield pool
    await pool.close()


async def test_a_key_signs_the_same_words_the_same_way_and_its_public_part_says_so(pool: Pool) -> None:
    keys = SealedKeys(pool, masters)
    es256 = await keys.make("seal", "ES256")
    signature = await keys.sign("seal", WORDS)
    public = serialization.load_pem_public_key(es256.text.encode())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signature, WORDS, ec.ECDSA(hashes.SHA256()))
    assert await keys.sign("seal", WORDS) == signature

    eddsa = await keys.make("issuer", "EdDSA")
    other = serialization.load_pem_public_key(eddsa.text.encode())
    assert isinstance(other, ed25519.Ed25519PublicKey)
    other.verify(await keys.sign("issuer", WORDS), WORDS)


@pytest.mark.parametrize("algorithm", ["ES256", "SM2"])
async def test_all_who_make_a_key_at_once_get_the_one_that_is_kept(pool: Pool, algorithm: Algorithm) -> None:
    made = await asyncio.gather(*(SealedKeys(pool, masters).make("seal", algorithm) for _ in range(8)))
    assert set(made) == {await SealedKeys(pool, masters).public("seal")}


async def test_an_sm2_seal_is_verified_and_one_altered_byte_is_not(pool: Pool) -> None:
    keys = SealedKeys(pool, masters)
    public = await keys.make("seal sm2", "SM2")
    signature = await keys.sign("seal sm2", WORDS)
    assert signature == await keys.sign("seal sm2", WORDS)
    assert signature[:32] != (await keys.sign("seal sm2", WORDS + b"!"))[:32]  # a nonce used twice would tell the key
    assert verify_sm2(public.text, signature, WORDS)
    assert not verify_sm2(public.text, signature, WORDS + b"!")
    assert not verify_sm2(public.text, signature[:-1], WORDS)


def test_sm2_and_sm3_agree_with_the_standards_vectors() -> None:
    """GB/T 32905 A.1, and the signature of GB/T 32918.5 Annex A.2."""
    sm3 = gmalg.SM3()
    sm3.update(b"abc")
    assert sm3.value().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    public = (
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    assert verify_sm2(public, signature, b"message digest")


async def test_a_key_is_made_once_and_never_replaced(pool: Pool) -> None:
    keys = SealedKeys(pool, masters)
    first = await keys.make("seal", "ES256")
    assert await keys.make("seal", "ES256") == first == await keys.public("seal")
    assert await keys.public("another") is None
    with pytest.raises(KeyError):
        await keys.sign("another", WORDS)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("update sealed_keys set name = 'mine'")


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "SM2"])
async def test_a_key_does_not_open_under_another_master_key_or_another_name(pool: Pool, algorithm: Algorithm) -> None:
    await SealedKeys(pool, masters).make("seal", algorithm)
    with pytest.raises(Misconfigured, match="key seal"):
        await SealedKeys(pool, lambda: [MasterKey(bytes(32))]).sign("seal", WORDS)
    await pool.execute(
        "insert into sealed_keys select 'thief', algorithm, public_key, sealed from sealed_keys where name = 'seal'"
    )
    with pytest.raises(Misconfigured, match="key thief"):
        await SealedKeys(pool, masters).sign("thief", WORDS)


async def test_a_file_is_named_by_what_is_in_it(pool: Pool) -> None:
    name = await files.put(pool, "application/pdf", b"%PDF-1.7")
    assert name == sha256(b"%PDF-1.7").hexdigest() == await files.put(pool, "application/pdf", b"%PDF-1.7")
    found = await files.get(pool, name)
    assert found is not None
    assert (found.media, found.content) == ("application/pdf", b"%PDF-1.7")
    assert await files.get(pool, sha256(b"").hexdigest()) is None


async def test_a_draft_is_saved_gone_on_with_and_deleted_by_its_owner_alone(pool: Pool) -> None:
    owner, other, id = uuid4(), uuid4(), uuid4()
    begun = Draft(id, "application residence", {"purpose": "school_entry"}, NOW)
    further = Draft(id, "application residence", {"purpose": "employment"}, NOW + timedelta(minutes=1))
    assert await drafts.save(pool, owner, begun)
    assert await drafts.save(pool, owner, further)
    assert await drafts.of(pool, owner) == [further]
    assert await drafts.find(pool, owner, id) == further
    assert not await drafts.save(pool, other, begun)
    assert await drafts.find(pool, other, id) is None
    assert not await drafts.delete(pool, other, id)
    assert await drafts.delete(pool, owner, id)
    assert await drafts.of(pool, owner) == []


async def test_nobody_keeps_drafts_without_end(pool: Pool) -> None:
    owner = uuid4()
    kept = [Draft(uuid4(), "application residence", {}, NOW) for _ in range(drafts.MOST)]
    for draft in kept:
        assert await drafts.save(pool, owner, draft)
    assert not await drafts.save(pool, owner, Draft(uuid4(), "application residence", {}, NOW))
    assert await drafts.save(pool, owner, kept[0])  # going on with one is no new one
