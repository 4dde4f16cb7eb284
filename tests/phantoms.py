"""A phantom in a department's database, and an own event that followed from it."""

from uuid import UUID, uuid4

import orjson

from shared.eventstore.database import Pool

FEED = "local.harbour.ships"
TAKE_IN = """
insert into inbox (feed, sequence, id, stream, type, event) values ($1, 1, $2, 'ship-1', 'harbour.ShipArrived', '{}')
"""
DECIDE = """
insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
values ('paper-' || $1, 1, $1::text::uuid, 'office.PaperIssued', 1, '{}', $2::json, now())
"""


async def lay(pool: Pool) -> tuple[UUID, UUID]:
    """Ids of the phantom and of what followed from it."""
    phantom, event = uuid4(), uuid4()
    await pool.execute(TAKE_IN, FEED, phantom)
    await pool.execute(DECIDE, str(event), orjson.dumps({"causation_id": str(phantom)}).decode())
    await pool.execute("select take_back($1, 0)", FEED)
    return phantom, event
