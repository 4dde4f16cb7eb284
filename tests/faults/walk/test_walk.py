"""The walk at random: the same seed walks the same way, a short one on real servers, and those that found something."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from deploy.books import InBroker
from tests.faults.losses import Holdings, Losses, unknown_to_all
from tests.faults.verdict import Verdict
from tests.faults.walk.books import consequences
from tests.faults.walk.full import MOVES as FULL_MOVES
from tests.faults.walk.full import fault_of
from tests.faults.walk.keys import Sealed, still_readable, unreadable
from tests.faults.walk.moves import MOVES, move_of
from tests.faults.walk.walking import CHAPTER, Step, Walk, walk

KEPT: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("kept_walks.yaml").read_text("utf-8"))
SEED = 7
PUBLIC, PRIVATE = uuid4(), uuid4()


def holdings(
    events: Mapping[UUID, dict[str, Any]] | None = None,
    inbox: Mapping[UUID, dict[str, Any]] | None = None,
    leaves: frozenset[bytes] = frozenset(),
) -> Holdings:
    return Holdings(events or {}, inbox or {}, leaves)


def event(leaf: bytes, feed: str | None = None, sequence: int | None = None) -> dict[str, Any]:
    return {"leaf": leaf, "feed": feed, "sequence": sequence}


HARBOUR = {PUBLIC: event(b"public", "harbour.ships", 7), PRIVATE: event(b"private")}


def gone(customs: Holdings, broker: Mapping[str, InBroker]) -> set[UUID]:
    """What an empty database of harbour lacks for good."""
    return unknown_to_all({"harbour": holdings(HARBOUR)}, {"harbour": holdings(), "customs": customs}, broker)


async def find(seed: int, first: int, steps: int) -> list[str]:
    told: list[str] = []
    done = await walk(Walk(seed, first), first + steps, told.append)
    assert done.taken == steps or done.found
    assert done.accepted or done.found
    return done.found


def test_a_step_follows_from_seed_and_number_alone() -> None:
    moves = [move_of(SEED, step) for step in range(200)]
    again = [move_of(SEED, step) for step in reversed(range(200))][::-1]
    assert [(move.name, rng.random()) for move, rng in moves] == [(move.name, rng.random()) for move, rng in again]
    assert {move.name for move, _ in moves} == {move.name for move in MOVES}
    assert [move.name for move, _ in moves] != [move_of(SEED + 1, step)[0].name for step in range(200)]


def test_a_step_on_the_whole_stack_follows_from_seed_and_number_alone() -> None:
    faults = [fault_of(SEED, step) for step in range(200)]
    again = [fault_of(SEED, step) for step in reversed(range(200))][::-1]
    assert [(fault.name, rng.random()) for fault, rng in faults] == [(fault.name, rng.random()) for fault, rng in again]
    assert all(move.fault(random.Random(SEED)).name for move in FULL_MOVES)


def test_what_only_a_lost_database_knew_is_gone() -> None:
    assert gone(holdings(), {}) == {PUBLIC, PRIVATE}


@pytest.mark.parametrize(
    ("customs", "broker", "still_gone"),
    [
        (holdings(inbox={PUBLIC: {}}), {}, {PRIVATE}),
        (holdings(leaves=frozenset({b"private"})), {}, {PUBLIC}),
        (holdings(), {"harbour.ships": InBroker(7, 7)}, {PRIVATE}),
        (holdings(), {"harbour.ships": InBroker(3, 10, after=7)}, {PUBLIC, PRIVATE}),
    ],
    ids=["in an inbox", "witnessed", "in the broker", "before the broker's stream begins"],
)
def test_what_somebody_else_knows_has_to_be_told(
    customs: Holdings, broker: Mapping[str, InBroker], still_gone: set[UUID]
) -> None:
    assert gone(customs, broker) == still_gone


@pytest.mark.parametrize(("effects", "lost", "doubled"), [(0, 1, 0), (1, 0, 0), (2, 0, 1)])
def test_each_cause_has_one_consequence(effects: int, lost: int, doubled: int) -> None:
    verdict = Verdict()
    led_to = {uuid4(): {"type": "effect", "cause": str(PUBLIC)} for _ in range(effects)}
    consequences(holdings(led_to, {PUBLIC: {"type": "cause"}}), "cause", "effect", verdict)
    assert (verdict.lost, verdict.doubled) == (lost, doubled)


def test_what_a_subscriber_lost_as_well_is_gone_and_not_untold() -> None:
    losses = Losses(seen={PUBLIC, PRIVATE})
    losses.lose({"harbour": holdings(HARBOUR)}, {"harbour": holdings()}, {})
    assert losses.untold(set()) == set()
    losses.lose({"harbour": holdings(HARBOUR)}, {"harbour": holdings(), "customs": holdings(inbox={PUBLIC: {}})}, {})
    losses.gone.discard(PUBLIC)
    assert losses.untold(set()) == {PUBLIC}


def test_a_step_with_something_untold_is_not_good() -> None:
    assert not Step(1, "kill", verdict=Verdict(untold=1)).is_good


def sealed(*, is_here: bool | None, forgotten: bool = False) -> dict[str, Sealed]:
    """An event of customs, and its key: None is a key that never came."""
    now = datetime.now(UTC)
    event = {"provider": "local.customs", "stream": "ship-1", "type": "x", "text": '{"sealed":"abcdefghijk.x"}'}
    key = {"owner": "1", "is_here": is_here, "made_at": now}
    keys = {} if is_here is None else {("local.customs", "abcdefghijk"): key}
    return {"customs": Sealed(keys, [event], {"1": now + timedelta(seconds=1)} if forgotten else {})}


@pytest.mark.parametrize("is_here", [None, False])
def test_what_is_held_and_cannot_be_read_is_found(is_here: bool | None) -> None:
    found = sealed(is_here=is_here)
    assert unreadable(found, (), ())
    assert not unreadable(found, ("1",), ())
    assert not unreadable(found, (), ("abcdefghijk",))
    assert not unreadable(sealed(is_here=True), (), ())


def test_a_key_of_what_was_forgotten_is_found() -> None:
    assert still_readable(sealed(is_here=True, forgotten=True))
    assert not still_readable(sealed(is_here=True))
    assert not still_readable(sealed(is_here=False, forgotten=True))


def test_a_walk_is_resumed_where_it_was_left(tmp_path: Path) -> None:
    state = tmp_path / "walk.json"
    Walk(SEED, next=CHAPTER, taken=CHAPTER).keep(state)
    assert Walk.resumed(state, SEED).next == CHAPTER
    assert Walk.resumed(state, SEED + 1).next == 0


async def test_a_short_walk_finds_nothing() -> None:
    assert await find(SEED, 0, 4) == []


@pytest.mark.parametrize("kept", KEPT, ids=lambda one: f"{one['seed']} from {one['from']}")
async def test_what_a_walk_found_stays_mended(kept: dict[str, Any]) -> None:
    seed, first, moves = kept["seed"], kept["from"], kept["moves"]
    assert [move_of(seed, first + nth)[0].name for nth in range(len(moves))] == moves
    assert await find(seed, first, len(moves)) == []
