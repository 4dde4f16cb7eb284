"""Databases replaced by older copies with traffic going on: all come to hold one history, and what is gone is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.nats import Nats
from shared.continuity import limits
from shared.messaging import alignment, heads
from tests import older_copy
from tests.continuity.coast import Coast, coast
from tests.databases import Databases
from tests.until import until


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASK_AGAIN", 0.5)
    monkeypatch.setattr(heads, "EVERY", 0.3)
    monkeypatch.setattr(alignment, "COMES_BACK_WITHIN", 2.0)


@pytest.fixture
async def three(databases: Databases, own_nats: Nats, tmp_path: Path) -> AsyncIterator[Coast]:
    async with coast(own_nats, databases, tmp_path) as made:
        await made.more(20)
        yield made


async def finish(coast: Coast) -> None:
    """Some more traffic, then an end of it."""
    await coast.more(20)
    coast.sailing.cancel()
    await coast.settle()


@pytest.mark.parametrize(
    ("restored", "wipes_broker"),
    [
        (("harbour",), False),
        (("customs",), False),
        (("harbour", "customs"), False),
        (("harbour",), True),
        (("harbour", "customs", "depot"), False),
    ],
    ids=["provider", "subscriber", "both", "provider and broker", "all three"],
)
async def test_restored_older_they_come_to_hold_one_history(
    three: Coast, restored: tuple[str, ...], wipes_broker: bool
) -> None:
    for name in restored:
        await three.copy(name)
        await three.more(10)
    await three.restore(*restored, wipes_broker=wipes_broker)
    await finish(three)


async def test_restored_twice_they_come_to_hold_one_history(three: Coast) -> None:
    for _ in range(2):
        await three.copy("harbour")
        await three.more(10)
        await three.restore("harbour")
        await three.more(5)
    await finish(three)


async def test_a_database_that_becomes_older_under_its_department_is_looked_at_anew(three: Coast) -> None:
    await three.copy("customs")
    await three.more(10)
    three.sailing.cancel()
    await until(three.is_one, timeout=90, every=0.2, what="all hold one history")
    await older_copy.put_back(three.databases["customs"])  # as by a standby that was behind; nobody is restarted
    await three.settle()
