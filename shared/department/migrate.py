"""Lays or renews the schema of a department's database, as its owner, and ends.

`python -m shared.department.migrate` is a job of its own, so that whoever serves holds no login that may alter tables.
It is told of the database as a department is: DATABASE_URL, DATABASE_OWNER_URL, or their passwords in files.

Exit codes: 0 the schema is of this release or a newer one, 1 it could not be laid, 2 wrong settings, 4 no database;
each told in one line on standard error.
"""

import asyncio
import os
import sys
from urllib.parse import urlsplit

import asyncpg
import structlog
from pydantic import Field

from shared.contracts.errors import Misconfigured, TongbanError
from shared.department import logs
from shared.department.run import NO_DATABASE, WRONG_SETTINGS
from shared.department.settings import DatabaseSettings, PostgresUrl, load
from shared.eventstore.database import migrate
from shared.eventstore.transient import AWAY, described

log = structlog.get_logger(__name__)

FAILED = 1


class OwnersSettings(DatabaseSettings):
    database_owner_url: PostgresUrl = Field(repr=False)


def main(department: str) -> int:
    """Returns the exit code."""
    try:
        settings = load(OwnersSettings)
        logs.configure(settings, department)
        applied = asyncio.run(migrate(settings.database_owner_url, urlsplit(settings.database_url).username or ""))
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


def _told(department: str, why: str, code: int) -> int:
    print(f"the schema of {department} cannot be laid: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(os.environ.get("DEPARTMENT") or "a department"))
