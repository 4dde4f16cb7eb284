"""`until` returns the truthy answer, and a failure names what never came."""

import asyncio

import pytest

from tests.until import until


async def test_it_returns_the_first_truthy_answer() -> None:
    answers = iter((None, "", "there", "too late"))
    assert await until(lambda: next(answers)) == "there"


async def test_it_awaits_an_asynchronous_condition() -> None:
    answers = iter((0, 7))

    async def condition() -> int:
        return next(answers)

    assert await until(condition) == 7


async def test_it_names_what_did_not_happen() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.01 s: the moon is full \(last answer: 0\)"):
        await until(lambda: 0, timeout=0.01, every=0.001, what="the moon is full")


async def test_it_does_not_wait_for_ever_on_a_condition_that_hangs() -> None:
    with pytest.raises(AssertionError, match=r"Event\.wait"):
        await until(asyncio.Event().wait, timeout=0.01)


async def test_an_error_of_the_condition_is_not_hidden() -> None:
    async def condition() -> bool:
        raise TimeoutError("of the condition")

    with pytest.raises(TimeoutError, match="of the condition"):
        await until(condition)
