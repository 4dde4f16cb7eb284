"""What departments count of themselves for operators."""

from importlib import import_module

import pytest

from deploy.departments import NAMES
from deploy.embedded.department_database import DepartmentDatabase
from shared.department import counting
from shared.department.service import Service
from tests.department import running

SERVICES: dict[str, Service] = {name: import_module(f"services.{name}.service").SERVICE for name in NAMES}
COUNTING = [name for name, service in SERVICES.items() if service.gauges]


@pytest.mark.parametrize("name", COUNTING)
async def test_each_of_its_numbers_can_be_counted(name: str, database: DepartmentDatabase) -> None:
    service = SERVICES[name]

    async with running(service, database) as department:
        counted = await counting.gauges(department.engine.pool, service.gauges)
    assert counted == {gauge.name: 0 for gauge in service.gauges}


def test_no_two_numbers_bear_one_name() -> None:
    names = [gauge.name for service in SERVICES.values() for gauge in service.gauges]
    assert len(set(names)) == len(names)
