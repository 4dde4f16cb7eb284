"""A neighbour's key is rotated and withdrawn without an alarm; one that nothing leads to raises it."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.eventstore.database import Pool
from shared.eventstore.ledger_keys import withdrawal
from shared.eventstore.signed_head import HeadSigner
from shared.messaging import witness_eras
from shared.messaging.witness import Witness
from tests.shared.messaging.harbour import KEY, MEMBER, OTHER_KEY, Harbour, kinds

THIRD_KEY = Ed25519PrivateKey.generate()


async def see(harbour: Harbour, customs: Pool) -> int:
    note, key = await harbour.head()
    return await Witness(customs, MEMBER).witness(harbour.client, note, key, "", harbour.statements)


async def test_a_rotated_key_is_taken_without_an_alarm(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    await harbour.grow(20)
    assert await see(harbour, customs) == 20
    assert await kinds(customs) == []
    held = await witness_eras.present(customs, MEMBER)
    assert held.era == 1
    keys = await held.keys(harbour.signer.origin)
    assert keys is not None
    assert keys.present == harbour.signer.key


async def test_one_that_was_away_for_two_rotations_follows(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    await harbour.grow(15)
    await harbour.rotate(THIRD_KEY)
    await harbour.grow(20)
    assert await see(harbour, customs) == 20
    assert await kinds(customs) == []


async def test_a_key_that_follows_while_a_page_is_on_its_way_is_taken(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    head = await harbour.head()
    await harbour.rotate(OTHER_KEY)
    await harbour.grow(20)
    assert await Witness(customs, MEMBER).witness(harbour.client, *head) == 10
    assert await see(harbour, customs) == 20
    assert await kinds(customs) == []


async def test_under_a_new_key_it_is_held_to_the_same_leaves(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    await harbour.rewrite(keep=5)
    await harbour.grow(20, stream="another-")
    assert await see(harbour, customs) == 10
    assert await kinds(customs) == [("leaves", 10)]


async def test_a_rotation_that_the_old_key_has_not_signed_raises_an_alarm(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    harbour.key = THIRD_KEY
    await harbour.rotate(OTHER_KEY)
    assert await see(harbour, customs) == 10
    assert await kinds(customs) == [("key", 10)]


async def test_the_old_key_signs_nothing_more(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    await see(harbour, customs)
    harbour.key, harbour.statements = KEY, ()
    await harbour.grow(20)
    assert await see(harbour, customs) == 10
    assert await kinds(customs) == [("key", 10)]


@pytest.mark.parametrize(("size", "alarms"), [(5, [("key", 10)]), (10, [])])
async def test_a_withdrawn_key_counts_up_to_the_size_named(
    harbour: Harbour, customs: Pool, size: int, alarms: list[tuple[str, int]]
) -> None:
    await harbour.grow(10)
    old = await harbour.head()
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    stated = withdrawal(harbour.signer.origin, HeadSigner(MEMBER, KEY).key, size, OTHER_KEY, datetime.now(UTC))
    harbour.statements = (*harbour.statements, stated)
    assert await see(harbour, customs) == 10
    assert await kinds(customs) == []
    await Witness(customs, MEMBER).witness(harbour.client, *old)
    assert await kinds(customs) == alarms


async def test_a_later_epoch_begins_its_era_with_the_key_that_signs_then(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    await harbour.rotate(OTHER_KEY)
    await harbour.grow(20)
    await see(harbour, customs)
    await harbour.rewrite(keep=15)
    await harbour.pool.execute("insert into epochs (number, position, feeds, reason) values (2, 15, '{}', 'restored')")
    await harbour.grow(30, stream="another-")
    assert await see(harbour, customs) == 30
    assert await kinds(customs) == []
    held = await witness_eras.present(customs, MEMBER)
    assert (held.era, await held.key()) == (2, harbour.signer.key)
