"""For operators: events that could not be handled and wait. They see what an event is, and no citizen's data."""

from collections.abc import Awaitable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.errors import Invalid, NotFound, Unavailable
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.department.limits import BIGGEST_SEQUENCE
from shared.eventstore.transient import is_transient
from shared.messaging import parking
from shared.standards.text import Text

T = TypeVar("T")


class ParkedEvent(BaseModel):
    feed: str
    sequence: int
    stream: str
    type: str
    error: str | None  # what it met, without any value; none: it only waits behind an earlier one of its stream
    attempts: int
    parked_at: datetime
    tried_at: datetime | None
    dropped_at: datetime | None
    dropped_by: str | None
    reason: str | None


class ParkedEvents(BaseModel):
    parked: list[ParkedEvent]
    next: str | None  # send as `after` for the next page


class ParkedInFull(ParkedEvent):
    event: dict[str, Any]  # the envelope; personal fields, and those nobody knows, are "…"


class Retry(BaseModel):
    """Nothing named: all that is parked here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed: str | None = None
    stream: str | None = None


class Retried(BaseModel):
    applied: int
    still_parked: int


class Drop(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=500)]


@get("/", summary="搁置事件清单 / events that wait")
async def leaf(
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
    feed: FromQuery[str | None] = None,
    stream: FromQuery[str | None] = None,
    dropped: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ParkedEvents:
    """By feed and sequence; with `dropped`, those too that were given up."""
    caller.hold(Role.operator)
    found = await parking.page(
        engine.pool, feed=feed, stream=stream, after=place(after), with_dropped=dropped, limit=limit + 1
    )
    rows = [ParkedEvent(**asdict(one)) for one in found[:limit]]
    more = len(found) > limit
    return ParkedEvents(parked=rows, next=f"{rows[-1].feed}.{rows[-1].sequence}" if more else None)


@get("/{feed:str}/{sequence:int}", summary="搁置事件详情 / one of them")
async def one(
    feed: FromPath[str], sequence: FromPath[int], caller: NamedDependency[Caller], engine: NamedDependency[Engine]
) -> ParkedInFull:
    caller.hold(Role.operator)
    found = await _found(engine, feed, sequence)
    event = await parking.shown(engine.pool, engine.registry, feed, sequence)
    return ParkedInFull(**found.model_dump(), event=event)


@post("/retry", status_code=200, summary="重试搁置事件 / try again, each stream in its order")
async def retry(data: JSONBody[Retry], caller: NamedDependency[Caller], engine: NamedDependency[Engine]) -> Retried:
    """Until it is done or the first of a stream fails again."""
    caller.hold(Role.operator)
    retried = await _answered(parking.retry(engine.pool, engine.handling, data.feed, data.stream))
    return Retried(applied=retried.applied, still_parked=retried.still_parked)


@post("/{feed:str}/{sequence:int}/drop", status_code=200, summary="放弃搁置事件 / give one up for good")
async def drop(
    feed: FromPath[str],
    sequence: FromPath[int],
    data: JSONBody[Drop],
    caller: NamedDependency[Caller],
    engine: NamedDependency[Engine],
) -> ParkedEvent:
    """It is never applied here. Who did it and why is kept."""
    caller.hold(Role.operator)
    await _found(engine, feed, sequence)
    await parking.drop(engine.pool, feed, sequence, caller.actor, data.reason)
    return await _found(engine, feed, sequence)


def place(after: str | None) -> tuple[str, int]:
    """Where a page ended: '<feed>.<sequence>'. Raises Invalid for what no page said."""
    if after is None:
        return "", 0
    feed, _, sequence = after.rpartition(".")
    is_number = sequence.isascii() and sequence.isdigit() and len(sequence) <= len(str(BIGGEST_SEQUENCE))
    if not is_number or int(sequence) > BIGGEST_SEQUENCE:
        text = Text(
            zh="翻页标记不正确，请从第一页重新查询。",
            en="This is no place to go on from; please start from the first page.",
        )
        raise Invalid("invalid_request", text.zh, text.en, fields={"after": text})
    return feed, int(sequence)


async def _found(engine: Engine, feed: str, sequence: int) -> ParkedEvent:
    row = await parking.one(engine.pool, feed, sequence)
    if row is None:
        raise NotFound(
            "not_parked",
            "该事件没有被搁置，可能已经处理完毕；请刷新清单。",
            "This event is not parked; it may have been handled meanwhile. Please look at the list again.",
        )
    return ParkedEvent(**asdict(row))


async def _answered(work: Awaitable[T]) -> T:
    try:
        return await work
    except Exception as error:
        if is_transient(error):
            raise Unavailable("the database did not answer; nothing was half done") from error
        raise


ROUTES = Router("/operations/parked", route_handlers=[leaf, one, retry, drop], tags=["operations"])
