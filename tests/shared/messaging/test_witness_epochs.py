"""A neighbour that lost history and says so is witnessed on: a new era, the same key, what is shared held to."""

import pytest

from shared.eventstore.database import Pool
from shared.eventstore.ledger import Ledger
from shared.messaging import witness_eras
from shared.messaging.witness import Witness
from shared.messaging.witness_store import WitnessStore
from tests.shared.messaging.harbour import MEMBER, OTHER_KEY, Harbour, kinds, leaf

WHY = "the database was an older copy"


async def see(harbour: Harbour, customs: Pool) -> int:
    return await Witness(customs, MEMBER).witness(harbour.client, *await harbour.head(), WHY)


async def begin_epoch(harbour: Harbour, number: int, position: int) -> None:
    await harbour.pool.execute(
        "insert into epochs (number, position, feeds, reason) values ($1, $2, '{}', $3)", number, position, WHY
    )


async def lost(harbour: Harbour, customs: Pool, *, keep: int, size: int) -> None:
    """400 events were witnessed; the history goes on after `keep` of them."""
    await harbour.grow(300)
    await see(harbour, customs)
    await harbour.grow(400)
    await see(harbour, customs)
    await harbour.rewrite(keep=keep)
    await harbour.grow(size, stream="another-")


@pytest.mark.parametrize("size", [350, 400, 450])
async def test_a_later_epoch_begins_an_era_by_itself(harbour: Harbour, customs: Pool, size: int) -> None:
    await lost(harbour, customs, keep=320, size=size)
    await begin_epoch(harbour, 2, 320)
    assert await see(harbour, customs) == size
    assert await see(harbour, customs) == size
    assert await kinds(customs) == []
    [begun] = await witness_eras.begun(customs, MEMBER)
    assert (begun.era, begun.begun_by, begun.reason) == (2, "epoch 2", f"epoch 2: {WHY}")
    assert await WitnessStore(customs, MEMBER, 1).leaves(0, 1000) == b"".join(map(leaf, range(1, 401)))
    assert await WitnessStore(customs, MEMBER, 2).leaves(0, 1000) == await Ledger(harbour.pool).leaves(0, size)


async def test_a_history_that_is_only_shorter_begins_one_as_well(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=320, size=320)
    await begin_epoch(harbour, 2, 320)
    assert await see(harbour, customs) == 320
    assert await kinds(customs) == []


async def test_what_an_epoch_wrongly_says_is_shared_is_an_alarm(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=250, size=450)
    await begin_epoch(harbour, 2, 320)
    for _ in range(2):
        assert await see(harbour, customs) == 400
    assert await kinds(customs) == [("forked", 400)]
    assert await witness_eras.begun(customs, MEMBER) == []


async def test_an_epoch_moved_afterwards_is_an_alarm(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=320, size=450)
    await begin_epoch(harbour, 2, 320)
    await see(harbour, customs)
    ledger = Ledger(harbour.pool)
    head = harbour.signer.sign(450, await ledger.root(450), [300])
    await Witness(customs, MEMBER).witness(harbour.client, head.note, harbour.signer.key)
    assert await kinds(customs) == [("forked", 450)]


async def test_two_epochs_at_once_share_what_both_share(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=320, size=450)
    await begin_epoch(harbour, 2, 320)
    await begin_epoch(harbour, 3, 440)
    assert await see(harbour, customs) == 450
    assert await kinds(customs) == []


async def test_a_head_of_an_epoch_that_is_over_is_no_alarm(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=320, size=400)
    old = harbour.signer.sign(400, b"\x01" * 32)
    await begin_epoch(harbour, 2, 320)
    assert await see(harbour, customs) == 400
    assert await Witness(customs, MEMBER).witness(harbour.client, old.note, harbour.signer.key) == 400
    assert await kinds(customs) == []


async def test_another_key_is_no_later_epoch(harbour: Harbour, customs: Pool) -> None:
    await lost(harbour, customs, keep=320, size=450)
    await begin_epoch(harbour, 2, 320)
    harbour.key = OTHER_KEY
    assert await see(harbour, customs) == 400
    assert await kinds(customs) == [("key", 400)]
