from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.databases import Databases
from tests.department import Department, running
from tests.shared.department import library


@pytest.fixture(scope="session")
def sharing_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of a world with identity and the library only."""
    path = tmp_path_factory.mktemp("sharing") / "sharing.yaml"
    path.write_text(library.SHARING, "utf-8")
    return path


@pytest.fixture(scope="module")
async def department(databases: Databases, sharing_file: Path) -> AsyncIterator[Department]:
    """The library, without a broker; shared by the tests of a module, which keep to ids of their own."""
    async with (
        databases.fresh() as database,
        running(library.SERVICE, database, sharing_file=sharing_file, contracts=library.CONTRACTS) as department,
    ):
        yield department


@pytest.fixture
async def citizen(department: Department) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in citizen who reads English."""
    async with department.client(department.token()) as client:
        yield client


@pytest.fixture
async def stranger(department: Department) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody signed in."""
    async with department.client() as client:
        yield client


@pytest.fixture
async def library_without_keys(databases: Databases, sharing_file: Path) -> AsyncIterator[Department]:
    """A library of this test's own, which no signing key has reached yet."""
    async with (
        databases.fresh() as database,
        running(
            library.SERVICE, database, sharing_file=sharing_file, contracts=library.CONTRACTS, key_known=False
        ) as department,
    ):
        yield department
