"""No login reads, writes, acknowledges or uses up what is another's, whatever it says to the road."""

from collections.abc import AsyncIterator

import pytest

from tests.road import exhausting
from tests.road.attacks import ATTACKS, Attack
from tests.road.broker import BANK, Broker, broker
from tests.road.conftest import VERDICTS
from tests.road.judged import tried

assert exhausting  # its attacks are in the list

LOGINS = [f"local-{name}" for name in ("identity", "certificates", "notification", "insurance", "cases", BANK)]


@pytest.fixture(scope="module")
async def road(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    async with broker(tmp_path_factory.mktemp("road")) as running:
        yield running


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
async def test_the_road_holds(road: Broker, attack: Attack, login: str) -> None:
    verdict = await tried(road, attack, login)
    VERDICTS.append(verdict)
    assert not verdict.breaches


def test_every_login_is_tried(road: Broker) -> None:
    assert sorted(LOGINS) == sorted(road.logins)
