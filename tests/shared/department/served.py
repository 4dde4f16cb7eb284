"""A department to run as a process of its own: a request to it waits until a lock of its database is free."""

from litestar import get
from litestar.di import NamedDependency

from shared.contracts.notification import NOTIFICATION
from shared.department.run import run
from shared.department.service import Service
from shared.eventstore.database import Pool
from tests.powers import open_to_anyone

LOCK = 42


@get("/slow")
async def slow(pool: NamedDependency[Pool]) -> dict[str, str]:
    await pool.fetchval("select pg_advisory_xact_lock($1)", LOCK)
    return {"done": "well"}


if __name__ == "__main__":
    run(Service(NOTIFICATION, routes=(slow,), powers=open_to_anyone("GET /slow")))
