from collections.abc import AsyncIterator

import pytest

from tests.databases import Databases
from tests.doors.five import Five, five_departments


@pytest.fixture(scope="session")
async def five(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Five]:
    """The five departments; shared by all tests of a worker."""
    async with five_departments(databases, tmp_path_factory.mktemp("five")) as departments:
        yield departments
