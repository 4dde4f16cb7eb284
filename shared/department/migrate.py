"""Lays or renews the schema of a department's database, as its owner, and ends.

`python -m shared.department.migrate` is a job of its own, so that whoever serves holds no login that may alter tables.
It is told of the database as a department is: DATABASE_URL, DATABASE_OWNER_URL, or their passwords in files.

With `--roll-back` it also gives this release leave to supersede, within an hour, a newer one that runs or ran lately.

Exit codes: 0 the schema is of this release or a newer one, 1 it could not be laid, 2 wrong settings, 4 no database;
each told in one line on standard error.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import asyncpg
import structlog
from pydantic import Field

from shared.contracts.errors import Misconfigured, TongbanError
from shared.department import logs
from shared.department.run import NO_DATABASE, WRONG_SETTINGS
from shared.department.settings import DatabaseSettings, PostgresUrl, load
from shared.eventstore.database import connect, migrate
from shared.eventstore.passing import allow_roll_back
from shared.eventstore.transient import AWAY, described

log = structlog.get_logger(__name__)

FAILED = 1
ROLL_BACK = "--roll-back"


class OwnersSettings(DatabaseSettings):
    database_owner_url: PostgresUrl = Field(repr=False)


def main(department: str, arguments: Sequence[str] = ()) -> int:
    """Returns the exit code."""
    if unknown := set(arguments) - {ROLL_BACK}:
        return _told(department, f"it does not know {' '.join(sorted(unknown))}, only {ROLL_BACK}", WRONG_SETTINGS)
    try:
        settings = load(OwnersSettings)
        logs.configure(settings, department)
        applied = asyncio.run(_lay(settings, may_roll_back=ROLL_BACK in arguments))
    except Misconfigured as error:
        return _told(department, str(error), WRONG_SETTINGS)
    except (TongbanError, asyncpg.LockNotAvailableError) as error:
        return _told(department, described(error), FAILED)
    except AWAY as error:
        return _told(department, f"its database does not answer ({type(error).__name__})", NO_DATABASE)
    except asyncpg.PostgresError as error:
        return _told(department, described(error), FAILED)
    log.info("the schema is laid", migrations=applied)
    return 0


async def _lay(settings: OwnersSettings, *, may_roll_back: bool) -> list[str]:
    applied = await migrate(settings.database_owner_url, urlsplit(settings.database_url).username or "")
    if may_roll_back:
        owner = await connect(settings.database_owner_url, name="roll-back")
        try:
            log.warning(
                "an older release may take these back, within an hour", read_models=await allow_roll_back(owner)
            )
        finally:
            await owner.close()
    return applied


def _told(department: str, why: str, code: int) -> int:
    print(f"the schema of {department} cannot be laid: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(os.environ.get("DEPARTMENT") or "a department", sys.argv[1:]))
