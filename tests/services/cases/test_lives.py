"""Any order of correction, withdrawal, refusal, supplement, death, retry, late and doubled answers comes to an end."""

import pytest

from tests.services.cases.lives import many

LIVES = 600  # of 10,000: `python -m tests.services.cases.lives`


@pytest.mark.parametrize("first", range(0, LIVES, 100))
def test_every_life_ends_and_somebody_can_always_act(first: int) -> None:
    ends = many(100, first)
    assert ends.keys() >= {"completed", "partly, free", "stopped, free"}
