"""Customs in a process of its own, to be killed: `python -m tests.continuity.killed DATABASE OWNER BROKER SHARING`."""

import asyncio
import sys
from pathlib import Path

from shared.department.engine import Engine
from tests.sample import CONTRACTS, CUSTOMS_SERVICE


async def main(database: str, owner: str, broker: str, sharing: str) -> None:
    async with Engine(
        CUSTOMS_SERVICE,
        database_url=database,
        database_owner_url=owner,
        nats_url=broker,
        sharing_file=Path(sharing),
        contracts=CONTRACTS,
    ) as customs:
        await customs.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
