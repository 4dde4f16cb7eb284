"""The pair of `test_keys_travel`, with an integrator and with master keys that change."""

from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.engine import Engine
from shared.eventstore import master_keys
from shared.eventstore.master_keys import MasterKey
from shared.eventstore.person_keys import PersonKeys
from tests.shared.messaging.test_keys_travel import MASTER, Pair

SHARING = """
members: [inn, guard]
integrators: [spy]
feeds:
  inn.guests: {attribute: unconditional, basis: sample, subscribers: [guard, spy]}
"""


class Attacked(Pair):
    """With an integrator, and master keys that change."""

    def __init__(self, databases: dict[str, DepartmentDatabase], nats_url: str, folder: Path) -> None:
        super().__init__(databases, nats_url, folder)
        self._sharing.write_text(SHARING)
        self.masters: dict[str, list[MasterKey]] = {"inn": [MASTER], "guard": [MASTER]}

    def _masters(self, name: str) -> Sequence[MasterKey]:
        """None: as if its file were gone."""
        return self.masters[name] or master_keys.of_file(self._sharing.with_name("no file"))()


def keys_of(engine: Engine) -> PersonKeys:
    assert engine._keys is not None
    return engine._keys
