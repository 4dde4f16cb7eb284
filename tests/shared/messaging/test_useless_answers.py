"""A provider that announces what it does not give: told, asked less and less often, over when it mends itself."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.messaging import subscription as subscription_module
from shared.messaging.answers import Misanswered
from shared.messaging.history import Page
from shared.messaging.subscription import USELESS
from tests import sample
from tests.sample import CUSTOMS_SERVICE
from tests.shared.messaging.feeds import FEED, feed_of

FALSE = 10**9  # a head


@pytest.fixture
async def customs(
    database: DepartmentDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    async with sample.engine(CUSTOMS_SERVICE, database, tmp_path, started=False) as engine:
        monkeypatch.setattr(type(engine), "client", property(lambda _: None))
        await engine.subscriptions[FEED].take_in(feed_of(5, 1, random.Random(1)))
        yield engine


@pytest.fixture(params=["nothing", "junk"])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After which sequences it was asked."""
    asked: list[int] = []

    async def history(_client: object, _feed: str, after: int) -> Page:
        asked.append(after)
        if request.param == "junk":
            raise Misanswered("no JSON")
        return Page(FALSE, [])

    monkeypatch.setattr(subscription_module, "ask_history", history)
    return asked


async def test_it_is_told_and_asked_seldom(customs: Engine, asked: list[int]) -> None:
    subscription = customs.subscriptions[FEED]
    for _ in range(20):
        await subscription.hear(FALSE)
    assert asked == [5]
    assert subscription.trouble == USELESS
    assert subscription.checkpoint == 5


async def test_an_honest_head_ends_it(customs: Engine, asked: list[int]) -> None:
    subscription = customs.subscriptions[FEED]
    for head in (FALSE, FALSE, 5):
        await subscription.hear(head)
    assert subscription.trouble is None
    for _ in range(2):
        await subscription.hear(6)
    assert asked == [5, 5], "and what is missing is asked for at once"
