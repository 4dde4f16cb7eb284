"""What an event costs a department of many read models, counted."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from typing import Any
from uuid import UUID

from shared.contracts.event import Event, Metadata, Recorded
from shared.eventstore import read_model
from shared.eventstore.read_model import Erasing, Grouped, ReadModel, Ready
from tests.sample import SHIPS, CratesUnloaded, HarbourNoted, ShipArrived


def recorded(data: Event) -> Recorded:
    return Recorded(UUID(int=1), "ship-1", 1, f"harbour.{type(data).__name__}", data, Metadata(), datetime.now(UTC))


def calls(models: Sequence[ReadModel], event: Recorded) -> int:
    """Python functions called to group it."""
    read_model.group(models, [event])  # what is worked out once
    counted = 0

    def count(_frame: FrameType, what: str, _arg: Any) -> None:
        nonlocal counted
        counted += what == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_model.group(models, [event])
    finally:
        sys.setprofile(before)
    return counted


def test_read_models_that_do_not_want_an_event_cost_no_call() -> None:
    others = [replace(SHIPS, name=f"other_{n}", events=(CratesUnloaded,)) for n in range(50)]
    event = recorded(ShipArrived(ship="a ship", crates=5))
    assert calls([*others, SHIPS], event) == calls([SHIPS], event)


def test_an_event_goes_to_who_wants_it_and_to_nobody_else() -> None:
    grouped = read_model.group([SHIPS], [recorded(HarbourNoted(text="fog")), recorded(ShipArrived(ship="a", crates=5))])
    assert [rows for _, rows in grouped] == [[("ship-1", 5)]]


def test_a_run_of_one_streams_events_costs_a_statement_a_read_model() -> None:
    models = [replace(SHIPS, name=name) for name in ("first", "second", "third")]
    grouped = read_model.group(models, [recorded(ShipArrived(ship="a", crates=n)) for n in range(100)])
    assert [[crates for _, crates in rows] for _, rows in grouped] == [list(range(100))] * 3


def test_nothing_of_a_read_model_passes_an_erasure() -> None:
    """Neither what stands before it, of whatever stream, nor what comes after it."""
    grouped = Grouped()
    for stream, statement in (
        ("a", Ready("said", "insert", (1,))),
        ("erasure-a", Erasing("said", "forget", ("a",))),
        ("b", Ready("said", "insert", (2,))),
        ("b", Ready("others", "insert other", (3,))),
        ("erasure-b", Erasing("said", "forget", ("b",))),
        ("erasure-c", Erasing("said", "forget", ("c",))),
        ("a", Ready("said", "insert", (4,))),
    ):
        grouped.add(stream, statement)
    assert list(grouped) == [
        ("insert", [(1,)]),
        ("forget", [("a",)]),
        ("insert", [(2,)]),
        ("insert other", [(3,)]),
        ("forget", [("b",), ("c",)]),
        ("insert", [(4,)]),
    ]
