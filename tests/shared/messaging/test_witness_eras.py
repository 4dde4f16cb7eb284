"""A restored backup or a new key is settled by an operator at the witness; what was witnessed before stays."""

import asyncio

import asyncpg
import pytest

from shared.contracts.errors import Refused
from shared.eventstore.database import Pool
from shared.eventstore.ledger import Ledger
from shared.eventstore.merkle import Frontier
from shared.eventstore.signed_head import HeadSigner
from shared.eventstore.tasks import end
from shared.messaging import witness_eras
from shared.messaging.heads import Head
from shared.messaging.witness import Witness
from shared.messaging.witness_store import WitnessStore
from tests.shared.messaging.harbour import KEY, MEMBER, OTHER_KEY, Harbour, kinds, leaf
from tests.until import until

REASON = "restored from last night's backup"
ROWS = "select era, after, size from witnessed order by era, size"
BLOCKED = """
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


async def see(harbour: Harbour, customs: Pool) -> int:
    return await Witness(customs, MEMBER).witness(harbour.client, *await harbour.head())


async def renew(customs: Pool, *, even_without_alarm: bool = False) -> int:
    return await witness_eras.renew(customs, MEMBER, "operator:li", REASON, even_without_alarm=even_without_alarm)


async def rows(customs: Pool) -> list[tuple[int, int, int]]:
    return [tuple(row) for row in await customs.fetch(ROWS)]


@pytest.mark.parametrize(
    ("size", "alarm"), [(350, "shrunk"), (400, "forked"), (450, "leaves")], ids=["shrunk", "forked", "grown"]
)
async def test_after_a_restored_backup_it_is_witnessed_anew(
    harbour: Harbour, customs: Pool, size: int, alarm: str
) -> None:
    await harbour.grow(300)
    await see(harbour, customs)
    await harbour.grow(400)
    await see(harbour, customs)
    await harbour.rewrite(keep=299)
    await harbour.grow(size, stream="another-")
    for _ in range(2):
        assert await see(harbour, customs) == 400
    assert await kinds(customs) == [(alarm, 400)]

    assert await renew(customs) == 2
    assert await kinds(customs) == [], "an alarm of an era that is over does not stand"
    assert await see(harbour, customs) == size
    await harbour.grow(500, stream="another-")
    assert await see(harbour, customs) == 500
    assert await kinds(customs) == []
    assert await rows(customs) == [(1, 0, 300), (1, 300, 400), (2, 0, size), (2, size, 500)]
    before, now = WitnessStore(customs, MEMBER, 1), WitnessStore(customs, MEMBER, 2)
    assert await before.leaves(0, 1000) == b"".join(map(leaf, range(1, 401)))
    assert [(one.kind, one.size) for one in await before.alarms()] == [(alarm, 400)]
    assert await now.leaves(0, 1000) == await Ledger(harbour.pool).leaves(0, 500)


async def test_a_new_key_is_pinned_and_the_old_one_is_not_taken_any_more(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    harbour.key = OTHER_KEY
    await harbour.grow(20)
    assert await see(harbour, customs) == 10
    assert await kinds(customs) == [("key", 10)]

    assert await renew(customs) == 2
    assert await see(harbour, customs) == 20
    assert await kinds(customs) == []
    held = [await WitnessStore(customs, MEMBER, era).key() for era in (1, 2)]
    assert held == [HeadSigner(MEMBER, key).key for key in (KEY, OTHER_KEY)]

    harbour.key = KEY
    await harbour.grow(30)
    assert await see(harbour, customs) == 20
    assert await kinds(customs) == [("key", 20)], "an era that begins is no door that stays open"


async def test_a_page_under_way_when_an_era_begins_stays_in_the_one_before(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(300)
    await see(harbour, customs)
    await harbour.grow(400)
    harbour.meanwhile = lambda: renew(customs, even_without_alarm=True)
    assert await see(harbour, customs) == 400
    assert await rows(customs) == [(1, 0, 300), (1, 300, 400)]
    assert await see(harbour, customs) == 400
    assert await rows(customs) == [(1, 0, 300), (1, 300, 400), (2, 0, 400)]


async def test_an_alarm_found_when_an_era_begins_stays_in_the_one_before(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(300)
    await see(harbour, customs)
    await harbour.rewrite(keep=200)
    await harbour.grow(400, stream="another-")
    harbour.meanwhile = lambda: renew(customs, even_without_alarm=True)
    assert await see(harbour, customs) == 300
    assert await kinds(customs) == []
    assert [one.kind for one in await WitnessStore(customs, MEMBER, 1).alarms()] == ["leaves"]
    assert await see(harbour, customs) == 400


async def test_nobody_goes_on_in_an_era_where_he_stood_in_another(harbour: Harbour, customs: Pool) -> None:
    """The database's own guard, should the code ever forget."""
    await harbour.grow(400)
    await see(harbour, customs)
    await renew(customs, even_without_alarm=True)
    await harbour.grow(10)
    held, frontier = WitnessStore(customs, MEMBER, 2), Frontier()
    await held.pin(harbour.signer.key)
    frontier.extend(map(leaf, range(1, 402)))
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await held.store(400, harbour.signer.sign(401, frontier.root), [leaf(401)], frontier)


async def test_eras_begin_while_heads_come_in(harbour: Harbour, customs: Pool) -> None:
    witness = Witness(customs, MEMBER)
    running = asyncio.create_task(witness.run(harbour.client))

    async def is_witnessed(size: int) -> bool:
        note, key = await harbour.head()
        witness.hear(Head(MEMBER, {}, {"checkpoint": note, "key": key}))
        return (await (await witness_eras.present(customs, MEMBER)).seen()).size == size

    for size in range(50, 500, 50):
        await harbour.grow(size)
        await is_witnessed(size)
        await renew(customs, even_without_alarm=True)
        if size % 100 == 0:
            await until(lambda size=size: is_witnessed(size), what=f"{size} are witnessed")  # type: ignore[misc]
    await until(lambda: is_witnessed(450), what="all is witnessed in the present era")
    assert not running.done()
    await end(running)
    assert await kinds(customs) == []
    reached: dict[int, int] = {}
    for era, after, size in await rows(customs):
        assert after == reached.get(era, 0), "in every era from the first event on, without a gap"
        reached[era] = size
        leaves = await WitnessStore(customs, MEMBER, era).leaves(0, size)
        assert leaves == await Ledger(harbour.pool).leaves(0, size)
    assert max(reached) == 10


async def test_without_an_alarm_there_is_nothing_to_settle(harbour: Harbour, customs: Pool) -> None:
    await harbour.grow(10)
    await see(harbour, customs)
    with pytest.raises(Refused, match="nothing_to_settle"):
        await renew(customs)
    await WitnessStore(customs, "certificates", 1).alarm("forked", 1, "another's")
    with pytest.raises(Refused, match="nothing_to_settle"):
        await renew(customs)
    await WitnessStore(customs, MEMBER, 1).alarm("forked", 10, "")
    assert await renew(customs) == 2
    with pytest.raises(Refused, match="nothing_to_settle"):
        await renew(customs)
    assert await renew(customs, even_without_alarm=True) == 3
    told = [(one.era, one.begun_by, one.reason) for one in await witness_eras.begun(customs, MEMBER)]
    assert told == [(2, "operator:li", REASON), (3, "operator:li", REASON)]
    assert await kinds(customs) == [("forked", 1)]


async def test_of_two_operators_at_once_one_begins_the_era(customs: Pool) -> None:
    await WitnessStore(customs, MEMBER, 1).alarm("forked", 10, "")
    async with customs.acquire() as first:
        transaction = first.transaction()
        await transaction.start()
        await first.execute(witness_eras.BEGIN, MEMBER, 1, "operator:wang", REASON, False)
        second = asyncio.create_task(renew(customs))
        await until(lambda: customs.fetchval(BLOCKED), what="the second waits for the first")
        await transaction.commit()
    with pytest.raises(Refused, match="era_begun_meanwhile"):
        await second
    assert [one.begun_by for one in await witness_eras.begun(customs, MEMBER)] == ["operator:wang"]
