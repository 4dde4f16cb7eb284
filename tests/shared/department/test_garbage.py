"""How seldom Python searches for cyclic garbage, counted."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.contracts.event import Metadata, Recorded
from shared.department import garbage
from tests.sample import CONTRACTS, HARBOUR_SERVICE

EVENTS = 5_000


@pytest.fixture
def searches() -> Iterator[list[int]]:
    """The generation of each search from here on."""
    found: list[int] = []

    def told(phase: str, facts: dict[str, int]) -> None:
        if phase == "start":
            found.append(facts["generation"])

    thresholds = gc.get_threshold()
    gc.callbacks.append(told)
    try:
        yield found
    finally:
        gc.callbacks.remove(told)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def test_a_page_of_events_costs_a_search_or_two_among_the_young(searches: list[int]) -> None:
    garbage.search_seldom()
    searches.clear()
    registry = HARBOUR_SERVICE.registry(CONTRACTS)
    text = '{"ship": "a ship", "crates": 5}'
    searches.clear()
    page = [
        Recorded(
            id=UUID(int=n),
            stream="ship-1",
            version=n + 1,
            type="harbour.ShipArrived",
            data=registry.decode("harbour.ShipArrived", 1, text),
            metadata=Metadata(),
            recorded_at=datetime.now(UTC),
        )
        for n in range(EVENTS)
    ]
    assert len(page) == EVENTS
    assert len(searches) <= 1 + 6 * EVENTS / garbage.YOUNG
    assert set(searches) <= {0}


def test_what_was_there_is_never_searched_again(searches: list[int]) -> None:
    there = len(gc.get_objects())
    garbage.search_seldom()
    assert gc.get_freeze_count() > there / 2  # the rest was garbage
    assert len(gc.get_objects()) < there / 10
