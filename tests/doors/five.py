"""All five departments in the test's own process, each on a database of its own, without a broker."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from services.cases.service import SERVICE as CASES
from services.certificates.service import SERVICE as CERTIFICATES
from services.identity.service import SERVICE as IDENTITY
from services.insurance.service import SERVICE as INSURANCE
from services.notification.service import SERVICE as NOTIFICATION
from shared.contracts.identity import Role
from shared.department.tokens import new_private_key
from shared.standards.divisions import WHOLE_COUNTRY
from tests.databases import Databases
from tests.department import Department, running

SERVICES = (CASES, CERTIFICATES, IDENTITY, INSURANCE, NOTIFICATION)
NAMES = tuple(service.name for service in SERVICES)

Five = Mapping[str, Department]


@asynccontextmanager
async def five_departments(databases: Databases, directory: Path) -> AsyncIterator[Five]:
    key = directory / "signing-key.pem"
    key.write_bytes(new_private_key().as_pem(private=True))
    own: dict[str, dict[str, Any]] = {
        "identity": {"register_secret": "a secret of the register, for tests", "signing_key_file": key}
    }
    async with AsyncExitStack() as open_while:
        departments = {}
        for service in SERVICES:
            database = await open_while.enter_async_context(databases.fresh())
            departments[service.name] = await open_while.enter_async_context(
                running(service, database, **own.get(service.name, {}))
            )
        yield departments


def tokens_of(department: Department) -> Mapping[str, str | None]:
    """Who may ask, and with which token: nobody, an account, a citizen, and one of staff who holds every role."""
    own = department.engine.service.name
    return {
        "nobody": None,
        "citizen": department.token("citizen"),
        "account": department.token("citizen", level="account"),
        "staff": department.token("staff", roles=tuple(Role), division=WHOLE_COUNTRY, department=own),
    }
