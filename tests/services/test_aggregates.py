"""Every kind of stream of every department has snapshots, whatever its states are."""

import importlib
import pkgutil
from typing import Any

import pytest

import services
from deploy.compatibility.check import present_events
from deploy.compatibility.check import services as all_services
from deploy.compatibility.golden import FOLDER, read_all
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.snapshots import NO_CODE, code_of
from shared.eventstore.state_json import state_json

NAMES = [module.name for module in pkgutil.walk_packages(services.__path__, "services.")]
MODULES = [importlib.import_module(name) for name in NAMES if not name.endswith("__main__")]
FOUND = {
    (module.__name__.split(".")[1], one.name): one
    for module in MODULES
    for one in vars(module).values()
    if isinstance(one, Aggregate)
}
EXAMPLES = read_all(FOLDER)


def events_of(department: str) -> list[Event]:
    """An example of each, whatever its stream."""
    present = {one.type: one for one in present_events(all_services())}
    return [
        present[golden.type].registry.decode(golden.type, golden.schema_number, text)
        for golden in EXAMPLES.values()
        if golden.type.startswith(f"{department}.")
        for text in golden.examples
    ]


@pytest.mark.parametrize("place", FOUND, ids="-".join)
def test_its_states_can_be_kept(place: tuple[str, str]) -> None:
    """Long streams (a region's clearing, a hospital's payouts, an officer's posts) are not folded anew each time."""
    aggregate: Aggregate[Any, Any] = FOUND[place]
    assert code_of(aggregate) != NO_CODE
    kept = state_json(aggregate)
    assert kept is not None
    state = aggregate.initial
    for event in events_of(place[0]):
        try:
            after = aggregate.evolve(state, event)
        except (KeyError, AttributeError):  # the examples of others' streams are no history of this one
            continue
        assert kept.write(after) is not None, f"after {type(event).__name__}"
        state = after
