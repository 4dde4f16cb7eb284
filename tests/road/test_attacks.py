"""No login reads, writes, acknowledges or uses up what is another's, whatever it says to the road.

`make attack` tries each attack by each login. `make test` tries it by the integrator and one department, by turns.
"""

import os
from collections.abc import AsyncIterator

import pytest

from tests.road import exhausting, key_attacks, newer_attacks
from tests.road.attacks import ATTACKS, Attack
from tests.road.broker import BANK, Broker, broker
from tests.road.conftest import VERDICTS
from tests.road.judged import tried

assert exhausting
assert key_attacks
assert newer_attacks  # their attacks are in the list

DEPARTMENTS = [f"local-{name}" for name in ("identity", "certificates", "notification", "insurance", "cases")]
INTEGRATOR = f"local-{BANK}"
IS_WHOLE = "EVERY_LOGIN" in os.environ
TRIED = [
    pytest.param(attack, login, id=f"{attack.name} as {login}".replace(" ", "-"))
    for number, attack in enumerate(ATTACKS)
    for login in (*(DEPARTMENTS if IS_WHOLE else [DEPARTMENTS[number % len(DEPARTMENTS)]]), INTEGRATOR)
]


@pytest.fixture(scope="module")
async def road(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    async with broker(tmp_path_factory.mktemp("road")) as running:
        yield running


@pytest.mark.parametrize(("attack", "login"), TRIED)
async def test_the_road_holds(road: Broker, attack: Attack, login: str) -> None:
    verdict = await tried(road, attack, login)
    VERDICTS.append(verdict)
    assert not verdict.breaches


def test_every_login_is_tried(road: Broker) -> None:
    assert sorted((*DEPARTMENTS, INTEGRATOR)) == sorted(road.logins)
