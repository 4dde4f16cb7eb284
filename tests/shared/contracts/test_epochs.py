"""Epochs: which numbers of a feed still mean what they meant."""

from datetime import UTC, datetime

import pytest

from shared.contracts.epochs import THE_FIRST, Epoch, Epochs, read

PEOPLE = "local.identity.people"
TOLD = {"number": 2, "position": 120, "feeds": {PEOPLE: 100}, "begun_at": "2026-11-30T08:00:00Z", "reason": "restored"}


def epoch(number: int, people: int) -> Epoch:
    return Epoch(number=number, position=0, feeds={PEOPLE: people}, begun_at=datetime.now(UTC), reason="restored")


def test_a_history_that_was_never_lost_is_all_of_the_first() -> None:
    assert THE_FIRST.current == 1
    assert THE_FIRST.of_event(PEOPLE, 10**12) == 1
    assert THE_FIRST.shared_since(PEOPLE, 1) is None


def test_what_lies_beyond_the_divergence_is_of_the_later_epoch() -> None:
    twice = Epochs((epoch(2, 100), epoch(3, 60)))
    assert [twice.of_event(PEOPLE, sequence) for sequence in (60, 61, 100, 101)] == [1, 3, 3, 3]
    assert [twice.shared_since(PEOPLE, known) for known in (1, 2, 3)] == [60, 60, None]
    rising = Epochs((epoch(2, 60), epoch(3, 100)))
    assert [rising.of_event(PEOPLE, sequence) for sequence in (60, 61, 100, 101)] == [1, 2, 2, 3]
    assert [rising.shared_since(PEOPLE, known) for known in (1, 2, 3)] == [60, 100, None]


def test_a_feed_that_an_epoch_does_not_name_shares_nothing() -> None:
    assert Epochs((epoch(2, 100),)).of_event("local.identity.cards", 1) == 2


@pytest.mark.parametrize(
    "told",
    [
        [TOLD | {"number": 3}],
        [TOLD, TOLD],
        [TOLD | {"number": 1}],
        [TOLD | {"number": "2"}],
        [TOLD | {"feeds": {PEOPLE: -1}}],
        [TOLD | {"feeds": {PEOPLE: 2**63}}],
        [TOLD | {"position": True}],
        [TOLD | {"begun_at": "2026-11-30T08:00:00"}],
        [TOLD | {"reason": "x" * 501}],
        [{}],
    ],
)
def test_what_cannot_be_a_history_is_refused(told: list[dict[str, object]]) -> None:
    assert read([TOLD]).current == 2
    with pytest.raises(ValueError):
        read(told)
