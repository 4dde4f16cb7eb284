"""Whose turn it is."""

import pytest

from shared.inspection.queue import FairQueue


def test_clients_are_served_in_turn() -> None:
    queue: FairQueue[str] = FairQueue(10, 5)
    for client, one in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")):
        queue.put(client, one)
    assert [queue.take() for _ in range(len(queue))] == ["a1", "b1", "c1", "a2", "a3"]
    with pytest.raises(KeyError):
        queue.take()


def test_there_is_room_up_to_the_most_and_to_a_clients_share() -> None:
    queue: FairQueue[int] = FairQueue(3, 2)
    queue.put("a", 1)
    queue.put("a", 2)
    assert (queue.has_room("a"), queue.has_room("b")) == (False, True)
    queue.put("b", 3)
    assert (queue.has_room("c"), queue.has_room("c", spare=1)) == (False, True)


def test_who_leaves_is_not_served() -> None:
    queue: FairQueue[int] = FairQueue(3, 2)
    queue.put("a", 1)
    queue.put("b", 2)
    queue.leave("a", 1)
    queue.leave("a", 1)
    assert (queue.take(), len(queue)) == (2, 0)
