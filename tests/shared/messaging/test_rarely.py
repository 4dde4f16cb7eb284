"""What comes again and again is told at rising intervals, and anew once it had stopped."""

import pytest

from shared.messaging import rarely as rarely_module
from shared.messaging.rarely import MOST_KINDS, Rarely


def test_it_is_told_at_rising_intervals() -> None:
    rarely = Rarely()
    assert [n for n in range(1, 1001) if rarely.times("junk")] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


def test_a_heap_of_them_is_told_once() -> None:
    rarely = Rarely()
    assert rarely.times("junk", 1000) == 1000
    assert rarely.times("junk", 20) is None


def test_each_kind_is_told() -> None:
    rarely = Rarely()
    assert (rarely.times("junk"), rarely.times("rubbish")) == (1, 1)


def test_it_is_told_anew_once_it_had_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rarely = Rarely()
    for _ in range(5):
        rarely.times("junk")
    monkeypatch.setattr(rarely_module, "OVER_AFTER", -1.0)
    assert rarely.times("junk") == 1


def test_kinds_that_a_stranger_chooses_take_no_memory_without_end() -> None:
    rarely = Rarely()
    for n in range(3 * MOST_KINDS):
        rarely.times(f"junk {n}")
    assert len(rarely._seen) <= MOST_KINDS
