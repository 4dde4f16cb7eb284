"""The story of a birth on one running stack, with cases killed in it and insurance stopped in it."""

import io

import pytest

from deploy.demo.interruption import Interruption, Moment
from deploy.demo.plain import PlainTeller
from deploy.demo.stage import sample_data, staged, who_is_up
from deploy.demo.stories import birth
from deploy.demo.stories.birth_cast import FIRST, SECOND, BirthCast
from deploy.demo.wording import Spoken
from deploy.runner.stack import Stack
from tests.stories import plain_text

CONSENT = "/cases/{case}/consent"


async def test_one_birth_is_one_case_though_cases_is_killed_and_insurance_is_stopped(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Four departments answer one case; killed while it takes the consent, cases asks each of them once."""
    out = io.StringIO()
    killed = [Interruption("cases", CONSENT, moment) for moment in (Moment.under_way, Moment.answered)]
    async with Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None) as stack:
        await stack.ready()
        before = stack.pids["cases"]
        async with staged(stack, PlainTeller(Spoken.both, out), killed) as scene:
            await who_is_up(scene, stack)
            await sample_data(scene, stack)
            outcome = await birth.play(scene, BirthCast.of(stack.secrets), stack.halt, stack.resume)
            assert stack.pids["cases"] != before
            feeds = [event.feed for event in scene.journeys.published]
        assert await plain_text.found(stack, [*plain_text.words_of_people(), FIRST, SECOND]) == []
    assert len(set(outcome.numbers)) == 2
    assert feeds.count("local.cases.for_certificates") == 8  # of three cases what nothing binds; one again, put right
    told = out.getvalue()
    assert "五证办齐" in told
    assert "insurance is stopped" in told
    assert "从未以填错的姓名签发证照" in told
    assert outcome.replaced.papers == 6
    assert "父亲各栏以“——”划去" in told
    assert len(set(outcome.replaced.numbers)) == 2
    assert (outcome.forms, outcome.visits, outcome.promise_days) == (1, 1, 6)
    assert outcome.visits_separately > 10
