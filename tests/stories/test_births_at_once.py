"""Births at once on one running stack: each has one entry, one number, one set of papers."""

import pytest

from deploy.runner.stack import Stack
from tests.stories.births import births_at_once

COUNT = 6
"""A thousand take `python -m tests.stories.births`."""


async def test_of_births_at_once_each_has_one_entry_one_number_and_one_set_of_papers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with Stack(tmp_path_factory.mktemp("stack"), tell=lambda _: None) as stack:
        await stack.ready()
        outcome = await births_at_once(stack, COUNT)
    assert outcome.wrong == ()
    assert len(outcome.waits) == COUNT
