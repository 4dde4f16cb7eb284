"""A harbour whose ledger is witnessed, and the database of who witnesses it. Files with other parts make their own."""

from collections.abc import AsyncIterator

import pytest

from shared.eventstore.database import Pool
from tests.databases import Databases
from tests.shared.messaging.harbour import Harbour, answering, laid


@pytest.fixture
async def harbour(databases: Databases, nats_url: str) -> AsyncIterator[Harbour]:
    async with answering(databases, nats_url) as harbour:
        yield harbour


@pytest.fixture
async def customs(databases: Databases) -> AsyncIterator[Pool]:
    async with laid(databases) as (pool, _):
        yield pool
