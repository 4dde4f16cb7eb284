"""A department that finds out only once it stands that its settings are wrong."""

from shared.contracts.errors import Misconfigured
from shared.contracts.notification import NOTIFICATION
from shared.department.engine import Engine
from shared.department.run import run
from shared.department.service import Service
from shared.department.settings import Settings


async def refuse(_engine: Engine, _settings: Settings) -> None:
    raise Misconfigured("SIGNING_KEY_FILE: this key was retired.")


if __name__ == "__main__":
    run(Service(NOTIFICATION, on_standing=(refuse,)))
