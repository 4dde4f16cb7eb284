"""Identity, running."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from shared.department.tokens import new_private_key
from tests.databases import Databases
from tests.services.identity.office import Office, office


@pytest.fixture(scope="session")
def signing_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("identity") / "signing-key.pem"
    path.write_bytes(new_private_key().as_pem(private=True))
    return path


@pytest.fixture(scope="session")
async def identity(databases: Databases, signing_key_file: Path) -> AsyncIterator[Office]:
    """One for all tests, busy as a real one is: enter people of your own (`someone`)."""
    async with databases.fresh() as database, office(database, signing_key_file) as running:
        yield running


@pytest.fixture
async def new_identity(database: DepartmentDatabase, signing_key_file: Path) -> AsyncIterator[Office]:
    """One on its first day."""
    async with office(database, signing_key_file) as running:
        yield running
