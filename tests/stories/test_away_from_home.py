"""The story of treatment away from home on one running stack: as it should go, and with insurance killed in it."""

import io
from collections.abc import AsyncIterator

import pytest

from deploy.demo.interruption import Interruption, Moment
from deploy.demo.plain import PlainTeller
from deploy.demo.stage import sample_data, staged, who_is_up
from deploy.demo.stories import away_from_home
from deploy.demo.stories.away_cast import AwayCast
from deploy.demo.wording import Spoken
from deploy.runner.stack import Stack
from tests.stories import plain_text

SETTLE = "/settlements"


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """All departments, with the sample data."""
    async with Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None) as running:
        await running.ready()
        async with staged(running, PlainTeller(Spoken.both, io.StringIO())) as scene:
            await who_is_up(scene, running)
            await sample_data(scene, running)
        yield running


async def test_it_is_settled_once_though_insurance_is_killed_and_identity_is_stopped(stack: Stack) -> None:
    out, before = io.StringIO(), stack.pids["insurance"]
    killed = [Interruption("insurance", SETTLE, moment) for moment in (Moment.under_way, Moment.answered)]
    async with staged(stack, PlainTeller(Spoken.both, out), killed) as scene:
        outcome = await away_from_home.play(scene, AwayCast.of(stack.secrets), stack.halt, stack.resume)
        assert stack.pids["insurance"] != before
        feeds = [event.feed for event in scene.journeys.published]
    assert await plain_text.found(stack, plain_text.words_of_people()) == []
    assert outcome.saved == "4190.00"
    assert feeds.count("local.insurance.settlements") == 4  # settled, held, refused, settled with the right days
    told = out.getvalue()
    assert "少付4190.00元" in told
    assert "identity is stopped" in told
    assert "再查母亲的医保，被拒绝" in told
    assert outcome.held.amount == "4200.00"
    assert "自己确认被拒" in told
    assert "基金未支付任何费用" in told


async def test_sample_data_planted_again_change_nothing(stack: Stack) -> None:
    async with staged(stack, PlainTeller(Spoken.both, io.StringIO())) as scene:
        before = (await scene.departments["insurance"].get("/health/ready")).must()
        await sample_data(scene, stack)
        after = (await scene.departments["insurance"].get("/health/ready")).must()
    assert {name: one["checkpoint"] for name, one in before["subscriptions"].items()} == {
        name: one["checkpoint"] for name, one in after["subscriptions"].items()
    }
