"""An instance of an older release leads while a newer one beside it stores types that the older does not know."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from deploy.embedded.nats import Nats
from shared.contracts.errors import OfNewerRelease
from shared.contracts.event import Event
from shared.contracts.feed import Contract, Feed
from shared.contracts.member import Member, MemberFeed
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore.aggregate import Aggregate, Context
from shared.messaging.history import ask_history
from shared.standards.text import Text
from tests import sample
from tests.sample import CUSTOMS, HARBOUR_FEED, HARBOUR_SERVICE, SHARING, SHIP, SHIPS, SHIPS_FEED, Arrive, HarbourNoted
from tests.until import until


class ShipPainted(Event):
    """New in a known feed."""

    colour: str


class PilotBoarded(Event):
    """In a new feed."""

    pilot: str


class TideMeasured(Event):
    """New and private."""

    metres: int


NEW = (ShipPainted(colour="red"), PilotBoarded(pilot="one"), TideMeasured(metres=3))
PILOTS = Feed("harbour", "pilots", Text("引航", "pilots"), (PilotBoarded,))
PILOTS_FEED = MemberFeed(Member("local", "harbour"), PILOTS)
SHIPS_NOW = Feed("harbour", "ships", HARBOUR_FEED.title, (*HARBOUR_FEED.events, ShipPainted))
HARBOUR_NOW = Contract("harbour", Text("港口", "harbour"), (SHIPS_NOW, PILOTS))
NEWER_SERVICE = Service(HARBOUR_NOW, private_events=(HarbourNoted, TideMeasured), read_models=(SHIPS,))
SHARING_NOW = SHARING + "  harbour.pilots: {attribute: unconditional, basis: sample, subscribers: [customs]}\n"
AS_TOLD: Aggregate[None, Sequence[Event]] = Aggregate("told", None, lambda _, events: events, lambda state, _: state)
LOG = "select e.type, l.feed, l.sequence from log l join events e using (stream, version) order by position"
NUMBERED = [
    ("harbour.ShipArrived", "harbour.ships", 1),
    ("harbour.ShipPainted", "harbour.ships", 2),
    ("harbour.PilotBoarded", "harbour.pilots", 1),
    ("harbour.TideMeasured", None, None),
]


@pytest.fixture
def both(database: DepartmentDatabase, tmp_path: Path) -> "Releases":
    return Releases(database, tmp_path)


class Releases:
    """Instances of both, on one database."""

    def __init__(self, database: DepartmentDatabase, tmp_path: Path) -> None:
        self._where = database, tmp_path

    def older(self, nats_url: str = sample.NOWHERE):  # type: ignore[no-untyped-def]
        return sample.engine(HARBOUR_SERVICE, *self._where, nats_url)

    def newer(self, nats_url: str = sample.NOWHERE):  # type: ignore[no-untyped-def]
        return sample.engine(
            NEWER_SERVICE, *self._where, nats_url, contracts=(HARBOUR_NOW, CUSTOMS), shared=SHARING_NOW
        )


async def work(newer: Engine) -> None:
    await newer.store.execute("ship-1", SHIP, Arrive(3), Context())
    await newer.store.execute("told-1", AS_TOLD, NEW, Context())


async def numbered(engine: Engine) -> bool:
    return [tuple(row) for row in await engine.pool.fetch(LOG)] == NUMBERED


async def test_it_numbers_by_what_is_stored(both: Releases) -> None:
    async with both.older() as older:
        await until(lambda: older.state().is_leading, what="the older one leads")
        async with both.newer() as newer:
            await work(newer)
            await until(lambda: numbered(older), what="all is numbered as the newer one knows it")
            assert not newer.state().is_leading


async def test_it_publishes_an_unknown_type_of_a_known_feed(both: Releases, own_nats: Nats) -> None:
    async with both.older(own_nats.url()) as older, both.newer(own_nats.url()) as newer:
        await work(newer)
        relay = older._relays["harbour.ships"]
        await until(lambda: newer.pool.fetchval("select published = 2 from relay where feed = 'harbour.ships'"))
        assert relay.trouble is None
        page = await ask_history(older.client, SHIPS_FEED.full_name, 0)
        assert [event.type for event in page.events] == ["harbour.ShipArrived", "harbour.ShipPainted"]
        stored = await older.client.jetstream().get_msg(SHIPS_FEED.jetstream, 2)
        assert stored.data == page.events[1].body


async def test_an_unknown_feed_waits_for_a_leader_that_knows_it(both: Releases, own_nats: Nats) -> None:
    async with both.older(own_nats.url()) as older:
        await until(lambda: older.state().is_leading, what="the older one leads")
        async with both.newer(own_nats.url()) as newer:
            await work(newer)
            await until(lambda: numbered(older), what="all is numbered")
    async with both.newer(own_nats.url()) as newer:
        await until(lambda: newer.pool.fetchval("select published from relay where feed = 'harbour.pilots'"))
        stored = await newer.client.jetstream().get_msg(PILOTS_FEED.jetstream, 1)
        assert b"PilotBoarded" in stored.data
    async with both.older(own_nats.url()) as older:
        await until(lambda: older.state().is_leading and older._connected.is_set(), what="the older one leads again")
        await older._keeper.keep(older.client)
        assert older._keeper.findings == {}, "the newer release's stream is none that should not be"


async def test_it_decides_nothing_on_a_stream_that_it_cannot_read(both: Releases) -> None:
    async with both.older() as older, both.newer() as newer:
        await work(newer)
        with pytest.raises(OfNewerRelease):
            await older.store.execute("told-1", AS_TOLD, [HarbourNoted(text="x")], Context())


async def test_what_was_stored_without_a_feed_is_numbered_by_its_type(both: Releases) -> None:
    async with both.newer() as newer:
        await newer.pool.execute(
            """
            with one as (
              insert into events (stream, version, id, type, schema, data, metadata, recorded_at)
              values ('ship-9', 1, gen_random_uuid(), 'harbour.ShipArrived', 1, '{"ship":"x"}', '{}', now())
              returning stream, version
            )
            insert into outbox (stream, version) select stream, version from one
            """
        )
        numbers = "select feed, sequence from log where stream = 'ship-9'"
        row = await until(lambda: newer.pool.fetchrow(numbers), what="it is numbered")
        assert tuple(row) == ("harbour.ships", 1)
