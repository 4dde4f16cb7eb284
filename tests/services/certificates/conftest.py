from collections.abc import AsyncIterator

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.service import SERVICE
from tests.department import Department, running
from tests.services.certificates.case_world import World, made_ready
from tests.services.certificates.office import Office


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Certificates, running without a broker, knowing nobody yet."""
    async with running(SERVICE, database) as running_department:
        yield running_department


@pytest.fixture
async def office(department: Department) -> AsyncIterator[Office]:
    """The same, with people to come in."""
    async with Office(department) as opened:
        yield opened


@pytest.fixture
async def world(office: Office) -> World:
    return await made_ready(office)
