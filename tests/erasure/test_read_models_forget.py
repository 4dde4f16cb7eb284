"""Every read model of every department forgets: afterwards it is what it would be, had it been built anew.

Departments and read models are found by code, and so is what each event tells about a person: a new read model that
takes personal fields and does not forget them fails here.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from deploy.compatibility.check import services
from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.event import Recorded
from shared.contracts.registry import Registry
from shared.department.service import Service
from shared.eventstore import read_model
from shared.eventstore.database import Connection
from shared.eventstore.read_model import ReadModel
from tests.erasure.personal_events import SEEDS, department_of, erased, erasing, lives

SERVICES = services()


@pytest.fixture
async def connection(database: DepartmentDatabase) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database.owner_url, statement_cache_size=0)
    yield connection
    await connection.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_read_models_forget_what_a_department_erased(connection: Connection, service: Service) -> None:
    """Whichever department told it, and whichever of the feeds comes first when it is built anew."""
    registry = service.registry(CONTRACTS)
    wrong = [
        problem
        for model in personal_models(service)
        for teller in sorted({department_of(registry, event) for event in model.events if event.personal_fields()})
        for problem in await _remembered(connection, registry, model, teller)
    ]
    assert wrong == []


def test_all_departments_have_read_models_that_are_looked_at() -> None:
    assert all(personal_models(service) for service in SERVICES)


def personal_models(service: Service) -> list[ReadModel]:
    return [model for model in service.read_models if any(event.personal_fields() for event in model.events)]


async def _remembered(connection: Connection, registry: Registry, model: ReadModel, teller: str) -> list[str]:
    """The differences found; one line is enough of each read model."""
    erasure = erasing(registry, model, teller)
    last = [erasure] if erasure else []
    is_only = all(department_of(registry, event) == teller for event in model.events if event.personal_fields())
    for events in lives(registry, model):
        emptied = [_emptied(registry, event, teller) for event in events]
        live = await content(connection, model, [*events, *last])
        story = f"{model.name}: {teller} erased, after {[event.type for event in events]}"
        for anew in ([*emptied, *last], [*last, *emptied]):
            if (other := await content(connection, model, anew)) != live:
                return [f"{story}: built anew it holds {other}, not {live}"]
        if is_only and (found := [seed for seed in SEEDS if seed in str(live)]):
            return [f"{story}: {found} in {live}"]
    return []


def _emptied(registry: Registry, event: Recorded, teller: str) -> Recorded:
    return erased(event) if department_of(registry, type(event.data)) == teller else event


async def content(connection: Connection, model: ReadModel, events: Sequence[Recorded]) -> dict[str, list[Any]]:
    """Rows by table once these events were taken in."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("create schema looked_at")
        await connection.execute("set local search_path to looked_at")
        here = model.into("looked_at")
        await connection.execute(here.sql["tables"])
        for event in events:
            for _, sql, arguments in read_model.statements([here], event):
                await connection.execute(sql, *arguments)
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'looked_at' order by 1")
        return {
            name: [row["row"] for row in await connection.fetch(f"select t::text as row from {name} t order by 1")]
            for name in (row["tablename"] for row in tables)
        }
    finally:
        await transaction.rollback()
