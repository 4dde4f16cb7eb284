"""Neighbours witness each other: what was signed once cannot be taken back, whoever rewrites the database."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import orjson
import pytest
from nats.aio.msg import Msg

from deploy.embedded.nats import Nats
from shared.department.engine import Engine
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.ledger import Ledger
from shared.eventstore.merkle import HASH_SIZE
from shared.eventstore.signed_head import HeadSigner, open_head
from shared.messaging import heads, ledger_pages
from shared.messaging.ledger_pages import PAGE_LEAVES, Ask
from shared.messaging.witness import PAGES_A_HEAD, Witness
from shared.messaging.witness_store import WitnessStore
from tests import sample
from tests.databases import Databases
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, SHIP, Note
from tests.shared.messaging.harbour import KEY, MEMBER, OTHER_KEY, Harbour, kinds, leaf
from tests.until import until


@pytest.fixture
def see(harbour: Harbour, customs: Pool) -> Callable[[], Awaitable[int]]:
    """A fresh witness, as after a restart, hears harbour's present head."""

    async def see() -> int:
        return await Witness(customs, MEMBER).witness(harbour.client, *await harbour.head())

    return see


See = Callable[[], Awaitable[int]]


async def test_a_witness_follows_and_holds_every_leaf(harbour: Harbour, customs: Pool, see: See) -> None:
    for size in (1, 2, 300, 1000):
        await harbour.grow(size)
        assert await see() == size
    assert await see() == 1000
    rows = await customs.fetch("select after, size, note from witnessed order by size")
    assert [(row["after"], row["size"]) for row in rows] == [(0, 1), (1, 2), (2, 300), (300, 1000)]
    for row in rows:
        head = open_head(row["note"], harbour.signer.key, "tongban/local/harbour")
        assert head.root == await Ledger(harbour.pool).root(row["size"])
    store = WitnessStore(customs, MEMBER, 1)
    assert await store.leaves(0, 1000) == b"".join(map(leaf, range(1, 1001)))
    assert await store.leaves(299, 302) == b"".join(map(leaf, (300, 301, 302)))
    assert await store.leaves(998, 2000) == b"".join(map(leaf, (999, 1000)))
    assert await store.leaves(1000, 2000) == b""
    assert await kinds(customs) == []


async def test_a_witness_that_comes_late_goes_page_by_page(
    harbour: Harbour, customs: Pool, see: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_pages, "PAGE_LEAVES", 10)
    size = 10 * PAGES_A_HEAD + 25
    await harbour.grow(size)
    assert await see() == 10 * PAGES_A_HEAD, "bounded work a head"
    assert await see() == size
    assert await customs.fetchval("select count(*) from witnessed") == PAGES_A_HEAD + 3
    assert await customs.fetchval("select sum(octet_length(leaves)) from witnessed") == size * HASH_SIZE
    assert await kinds(customs) == []


async def test_a_full_page_fits_into_a_message(harbour: Harbour) -> None:
    await harbour.grow(PAGE_LEAVES + 1)
    answer = await harbour.client.request(
        "ledger.local.harbour", Ask(after=1, until=2**62).model_dump_json().encode(), timeout=10
    )
    assert PAGE_LEAVES * HASH_SIZE < len(answer.data) < 512 * 1024


async def test_history_written_anew_does_not_come_to_the_root(harbour: Harbour, customs: Pool, see: See) -> None:
    await harbour.grow(400)
    await see()
    await harbour.rewrite(keep=299)
    await harbour.grow(500, stream="another-")
    for _ in range(2):
        assert await see() == 400, "what was witnessed stays as it was"
    assert await kinds(customs) == [("leaves", 400)]
    assert await WitnessStore(customs, MEMBER, 1).leaves(299, 300) == leaf(300)


async def test_two_roots_for_one_size_are_noticed(harbour: Harbour, customs: Pool, see: See) -> None:
    await harbour.grow(400)
    await see()
    await harbour.rewrite(keep=399)
    await harbour.grow(400, stream="another-")
    await see()
    assert await kinds(customs) == [("forked", 400)]


async def test_a_ledger_that_has_become_shorter_is_noticed(harbour: Harbour, customs: Pool, see: See) -> None:
    await harbour.grow(400)
    await see()
    await harbour.rewrite(keep=380)
    await harbour.grow(380)
    await see()
    assert await kinds(customs) == [("shrunk", 400)]
    await harbour.grow(450, stream="another-")
    await see()
    assert await kinds(customs) == [("shrunk", 400), ("leaves", 400)]


async def test_an_old_head_that_comes_late_is_no_alarm(harbour: Harbour, customs: Pool, see: See) -> None:
    await harbour.grow(300)
    old = await harbour.head()
    await harbour.grow(400)
    await see()
    assert await Witness(customs, MEMBER).witness(harbour.client, *old) == 400
    assert await kinds(customs) == []


async def test_another_key_is_refused(harbour: Harbour, customs: Pool, see: See) -> None:
    await harbour.grow(10)
    await see()
    harbour.key = OTHER_KEY
    await harbour.grow(20)
    assert await see() == 10
    assert await kinds(customs) == [("key", 10)]
    note, _ = await harbour.head()
    pinned = HeadSigner(MEMBER, KEY).key
    assert await Witness(customs, MEMBER).witness(harbour.client, note, pinned) == 10
    assert await kinds(customs) == [("key", 10), ("signature", 10)]


@pytest.mark.parametrize("note", ["", "no head", "x\x00\n\n— y z\n", "tongban/harbour\n5\n\n— tongban/harbour AA==\n"])
async def test_what_cannot_be_read_is_an_alarm_and_no_end(harbour: Harbour, customs: Pool, see: See, note: str) -> None:
    witness = Witness(customs, MEMBER)
    assert await witness.witness(harbour.client, note, "\x00") == 0
    assert await kinds(customs) == [("signature", 0)]
    await harbour.grow(5)
    assert await see() == 5


async def test_more_announced_than_there_is_is_waited_for(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(5)
    signer, witness = harbour.signer, Witness(customs, MEMBER)
    for _ in range(2):
        assert await witness.witness(harbour.client, signer.sign(10**18 - 1, leaf(1)).note, signer.key) == 5
    assert await kinds(customs) == []


async def test_a_head_signed_for_another_department_is_refused(harbour: Harbour, customs: Pool) -> None:
    customs_signer = HeadSigner("local.customs", KEY)
    head = customs_signer.sign(1, leaf(1))
    assert await Witness(customs, MEMBER).witness(harbour.client, head.note, customs_signer.key) == 0
    assert await kinds(customs) == [("signature", 0)]


async def test_leaves_that_are_none_are_refused(harbour: Harbour, customs: Pool) -> None:
    """A department that signs one tree and gives the leaves of another, or half of them."""
    await harbour.grow(5)
    note, key = await harbour.head()

    async def answered(leaves: bytes) -> list[tuple[str, int]]:
        async def answer(question: Msg) -> None:
            await question.respond(orjson.dumps({"checkpoint": note}) + b"\n" + leaves)

        subscription = await harbour.client.subscribe("ledger.port", cb=answer)
        witness = Witness(customs, MEMBER)
        witness.department = "port"
        assert await witness.witness(harbour.client, note, key) == 0
        await subscription.unsubscribe()
        return await kinds(customs)

    true = await Ledger(harbour.pool).leaves(0, 5)
    for leaves in (b"", true[:-1], true[:-32], true + b"x" * 32, true[32:] + true[:32]):
        assert await answered(leaves) == [("leaves", 0)]


@pytest.mark.parametrize("more", ["NaN", "1e999", '"\\ud800"', "{", ""])
def test_an_announcement_that_is_no_json_is_no_head(more: str) -> None:
    assert (
        heads.read("heads.local.harbour", b'{"member": "local.harbour", "feeds": {}, "more": %s}' % more.encode())
        is None
    )


# Whole departments


async def test_departments_witness_each_other(databases: Databases, tmp_path: Path, own_nats: Nats) -> None:
    async with databases.fresh() as one, databases.fresh() as other:
        async with (
            sample.engine(HARBOUR_SERVICE, one, tmp_path, own_nats.url(), ledger_key=KEY) as harbour,
            sample.engine(CUSTOMS_SERVICE, other, tmp_path, own_nats.url()) as customs,
        ):
            for number in range(5):
                await harbour.store.execute(f"ship-{number}", SHIP, Note("x"), Context())
            await until(lambda: witnessed(customs, 5), what="customs has witnessed five events")
            assert await harbour.pool.fetchval("select count(*) from witnessed") == 0, "customs has no key"

        connection = await asyncpg.connect(one.admin_url)
        await connection.execute("set session_replication_role = replica")
        await connection.execute("""update log set leaf = sha256('another') where position = 2""")
        await connection.close()
        async with (
            sample.engine(HARBOUR_SERVICE, one, tmp_path, own_nats.url(), ledger_key=KEY),
            sample.engine(CUSTOMS_SERVICE, other, tmp_path, own_nats.url()) as customs,
        ):
            await until(lambda: kinds(customs.pool), what="customs raises an alarm")
            assert await kinds(customs.pool) == [("forked", 5)]


async def witnessed(engine: Engine, size: int) -> bool:
    return bool(
        await engine.pool.fetchval("select max(size) = $1 from witnessed where department = 'local.harbour'", size)
    )
