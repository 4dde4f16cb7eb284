"""Every kind of stream of every department may be asked for snapshots, whatever its first state is."""

import importlib
import pkgutil

import services
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.snapshots import code_of


def test_every_aggregate_tells_under_which_code_its_snapshots_stand() -> None:
    names = [module.name for module in pkgutil.walk_packages(services.__path__, "services.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    found = [one for module in modules for one in vars(module).values() if isinstance(one, Aggregate)]
    assert found
    for one in found:
        assert isinstance(code_of(one), str)
