"""Builds anew the read models that hold what phantoms left in them; a duty of the leader.

The row goes only after the swap, and only if nothing was taken back meanwhile: killed at any moment, the next leader
does the same again. A build that was begun before the events were taken back is not gone on with.
"""

from collections.abc import Sequence

import structlog

from shared.contracts.registry import Registry
from shared.eventstore.building import AlreadyBuilding
from shared.eventstore.database import Connection, Pool
from shared.eventstore.pace import POLITE
from shared.eventstore.read_model import ReadModel
from shared.eventstore.rebuild import rebuild
from shared.eventstore.wake import Wake

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # seconds; a wake-up comes in process, this covers what another leader took back

DUE = """
select name, since, rebuilds_due.build is distinct from b.build as may_resume
from rebuilds_due left join read_model_builds b using (name) order by since, name
"""
DONE = "delete from rebuilds_due where name = $1 and since = $2"
STANDS = "select exists (select from read_models where name = $1)"


class RebuildsDue:
    """Of one department."""

    def __init__(self, pool: Pool, url: str, models: Sequence[ReadModel], registry: Registry) -> None:
        self.wake = Wake()
        self._pool = pool
        self._url = url
        self._models = {model.name: model for model in models}
        self._registry = registry

    async def run(self) -> None:
        """For ever. Raises what a build raises; then it is begun again."""
        while True:
            await self.build_all()
            await self.wake.wait(LOOK_EVERY)

    async def build_all(self) -> None:
        """Until nothing is due, but for what another process is building right now."""
        is_waiting = False
        while not is_waiting and (due := await self._pool.fetch(DUE)):
            for row in due:
                model = self._models.get(row["name"])
                if model is not None:
                    try:
                        fresh = not row["may_resume"]
                        await rebuild(self._url, model, self._registry, pace=POLITE, fresh=fresh)
                    except AlreadyBuilding:
                        is_waiting = True
                        continue
                elif await self._pool.fetchval(STANDS, row["name"]):
                    is_waiting = True  # another release's
                    continue
                await self._pool.execute(DONE, row["name"], row["since"])
                log.info("read model is free of phantoms", name=row["name"])


async def due(source: Pool | Connection) -> list[str]:
    """Names of the read models that have to be built anew."""
    return [row["name"] for row in await source.fetch("select name from rebuilds_due order by name")]
