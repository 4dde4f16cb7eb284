"""An event's journey from one department to another: when it was published here, when it arrived here."""

from datetime import datetime
from uuid import UUID

import orjson
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from shared.contracts.errors import NotFound
from shared.contracts.member import feed_name
from shared.department.engine import Engine

PUBLISHED = """
select l.feed, l.sequence, e.recorded_at
from events e join log l on l.stream = e.stream and l.version = e.version
where e.id = $1 and l.feed is not null
"""
RECEIVED = "select event, received_at from inbox where feed = $1 and sequence = $2"


class Published(BaseModel):
    feed: str  # 'local.certificates.lifecycle'
    sequence: int
    recorded_at: datetime


class Received(BaseModel):
    recorded_at: datetime  # by the publisher's clock
    received_at: datetime  # by this department's
    milliseconds: float


@get("/published/{event_id:uuid}", tags=["journey"], summary="事件在其发布通道中的序号 / an event's place in its feed")
async def published(event_id: FromPath[UUID], engine: NamedDependency[Engine]) -> Published:
    row = await engine.pool.fetchrow(PUBLISHED, event_id)
    if row is None:
        raise NotFound(
            "not_published",
            "该事件尚未发布或不对外发布，请稍后再查。",
            "This event is not published yet, or never will be; please look again shortly.",
        )
    return Published(**{**row, "feed": feed_name(row["feed"], engine.member.jurisdiction)})


@get(
    "/received/{feed:str}/{sequence:int}", tags=["journey"], summary="事件到达本部门的时间 / when an event arrived here"
)
async def received(feed: FromPath[str], sequence: FromPath[int], engine: NamedDependency[Engine]) -> Received:
    row = await engine.pool.fetchrow(RECEIVED, feed_name(feed, engine.member.jurisdiction), sequence)
    if row is None:
        raise NotFound(
            "not_received",
            "该事件尚未到达本部门，请稍后再查。",
            "This event has not arrived here yet; please look again shortly.",
        )
    recorded_at = datetime.fromisoformat(orjson.loads(row["event"])["time"])
    milliseconds = (row["received_at"] - recorded_at).total_seconds() * 1000
    return Received(recorded_at=recorded_at, received_at=row["received_at"], milliseconds=round(milliseconds, 3))
