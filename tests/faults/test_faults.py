"""The short matrix: one stack, struck by one fault after the other while people work with it.

`make faults` strikes with all of them, longer.
"""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.deploy.terminal import tongban
from tests.faults.fault import Fault, NotHere
from tests.faults.faults import short
from tests.faults.load import SMALL
from tests.faults.outcome import log_tails, strike
from tests.faults.town import Scene, opened

SEED = 20231224


@pytest.fixture(scope="module")
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """Its directory is kept when a test failed."""
    directory = Path(tempfile.mkdtemp(prefix="tongban-faults-"))
    failed_before = request.session.testsfailed
    async with opened(directory, SEED, people=60) as scene:
        scene.quick = True
        yield scene
    if request.session.testsfailed == failed_before:
        shutil.rmtree(directory)


@pytest.mark.parametrize("fault", short(), ids=lambda fault: fault.name)
async def test_nothing_is_lost_and_nothing_happens_twice(scene: Scene, fault: Fault) -> None:
    try:
        outcome = await strike(fault, scene, SMALL)
    except NotHere as reason:
        pytest.skip(str(reason))
    directory = scene.stack.data_dir
    assert outcome.is_good, f"{outcome.told()} ({outcome.note})\nlogs are kept in {directory}\n{log_tails(directory)}"
    assert outcome.accepted > 0
    assert outcome.unanswered == 0


async def test_an_operator_is_told_the_same(scene: Scene) -> None:
    code, told, _ = await tongban("reconcile", "--wait", "30", "--json", "--data", scene.stack.data_dir)
    answer = json.loads(told)
    assert (code, answer["is_clean"]) == (0, True), told
    people = next(feed for feed in answer["feeds"] if feed["feed"] == "local.identity.people")
    assert people["decided"] == people["logged"] == people["published"] > 0
    assert people["in_broker"] >= people["logged"]
    assert {one["subscriber"]: one["applied"] for one in people["subscribers"]} == dict.fromkeys(
        ("local.certificates", "local.insurance", "local.cases"), people["decided"]
    )
