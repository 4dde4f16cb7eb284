"""What is the same everywhere is told to be, and each kind of difference is found."""

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from pytest import MonkeyPatch
from rich.console import Console

from deploy import reconcile
from deploy.books import PART, Party, digests_of_log
from deploy.cli.reconcile_work import WIDTH, remarks, table
from deploy.embedded.nats import Nats
from deploy.reconcile import FeedAccount, Taken, compare, until_clean
from shared.contracts.member import Member
from shared.contracts.sharing import Catalogue
from shared.eventstore.aggregate import Context
from shared.messaging.jetstream_api import ask
from shared.messaging.topology_config import Begun, stream_wanted
from tests import sample
from tests.connected import connected
from tests.databases import Databases
from tests.deploy.terminal import tongban
from tests.sample import CUSTOMS_SERVICE, HARBOUR_SERVICE, NOWHERE, SHARING, SHIP, SHIPS_FEED, Arrive
from tests.sample_road import EVENTS, INSPECTIONS, SHIPS, Road, party, stopped
from tests.servers import embedded_nats


@pytest.fixture(scope="module")
async def road(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Road]:
    async with stopped(databases, tmp_path_factory.mktemp("road")) as both:
        yield both


async def test_what_is_the_same_everywhere_is_clean_while_the_departments_are_stopped(road: Road) -> None:
    accounts = await road.accounts()
    ships = accounts[SHIPS]
    assert ships.decided == ships.logged == ships.published == ships.in_broker == EVENTS
    assert [(taken.subscriber, taken.inbox, taken.applied) for taken in ships.subscribers] == [
        ("local.customs", EVENTS, EVENTS)
    ]
    assert all(account.is_clean for account in accounts.values())


async def test_an_event_that_sets_out_between_two_looks_is_waited_for(road: Road, monkeypatch: MonkeyPatch) -> None:
    under_way = "update checkpoints set sequence = sequence {} 1 where feed = 'local.harbour.ships'"
    looks: list[bool] = []  # each with the digests?

    async def look(parties: Sequence[Party], catalogue: Catalogue, *, digests: bool = True) -> list[FeedAccount]:
        looks.append(digests)
        if looks == [False, True]:
            await road.by_hand("customs", under_way.format("-"))
        accounts = await compare(parties, catalogue, digests=digests)
        if looks == [False, True]:
            await road.by_hand("customs", under_way.format("+"))
        return accounts

    monkeypatch.setattr(reconcile, "compare", look)
    accounts = await until_clean(road.parties, road.catalogue, 20, lambda _: None)
    assert all(account.is_clean for account in accounts)
    assert looks == [False, True, False, True]


async def test_a_department_that_has_no_use_for_a_feed_need_not_take_it_in(road: Road) -> None:
    assert "harbour.ships" in SHARING
    assert Member("local", "harbour") in road.catalogue.subscribers(INSPECTIONS)
    assert (await road.accounts())[INSPECTIONS].subscribers == []


BY_HAND = {
    "an event that was never numbered": (
        "harbour",
        "create table aside as table log; delete from log where position = (select max(position) from log)",
        "insert into log select * from aside where position = (select max(position) from aside); drop table aside",
        {
            "1 not yet in the log",
            "1 too many published",
            f"the broker's last message is event {EVENTS}",
            "1 too many in the inbox",
        },
    ),
    "an event that waits in the outbox": (
        "harbour",
        "insert into outbox (stream, version) values ('ship-1', 1)",
        "delete from outbox",
        {"1 wait in the outbox", "1 too many in the log"},
    ),
    "a number missing in the log": (
        "harbour",
        "create table aside as select * from log where sequence = 7; delete from log where sequence = 7",
        "insert into log table aside; drop table aside",
        {
            f"numbers missing in the log: {EVENTS - 1} events, the last is {EVENTS}",
            "1 not yet in the log",
            f"other events than the provider's from 1 to {EVENTS}",
        },
    ),
    "events removed from the truth": (
        "harbour",
        "create table aside as select * from events where stream = 'ship-2';delete from events where stream = 'ship-2'",
        "insert into events table aside; drop table aside",
        {"4 too many in the log", f"other events than the provider's from 1 to {EVENTS}"},
    ),
    "an event that was not published": (
        "harbour",
        "update relay set published = published - 1",
        "update relay set published = published + 1",
        {"1 not yet published"},
    ),
    "an event missing in the inbox": (
        "customs",
        "create table aside as select * from inbox where sequence = 5; delete from inbox where sequence = 5",
        "insert into inbox table aside; drop table aside",
        {
            f"numbers missing in the inbox: {EVENTS - 1} events, the last is {EVENTS}",
            f"other events than the provider's from 1 to {EVENTS}",
        },
    ),
    "another event in its place": (
        "customs",
        "create table aside as select * from inbox where sequence = 5;"
        "update inbox set id = gen_random_uuid() where sequence = 5",
        "delete from inbox where sequence = 5; insert into inbox table aside; drop table aside",
        {f"other events than the provider's from 1 to {EVENTS}"},
    ),
    "two events in each other's place": (
        "customs",
        "update inbox set sequence = -sequence where sequence in (5, 6);"
        "update inbox set sequence = 11 + sequence where sequence < 0",
        "update inbox set sequence = -sequence where sequence in (5, 6);"
        "update inbox set sequence = 11 + sequence where sequence < 0",
        {f"other events than the provider's from 1 to {EVENTS}"},
    ),
    "a tail that never came": (
        "customs",
        f"create table aside as select * from inbox where sequence > {EVENTS - 3};"
        f"delete from inbox where sequence > {EVENTS - 3}; update checkpoints set sequence = {EVENTS - 3}",
        f"insert into inbox table aside; drop table aside; update checkpoints set sequence = {EVENTS}",
        {"3 not yet in the inbox"},
    ),
    "an event that is not applied": (
        "customs",
        "update checkpoints set sequence = sequence - 1",
        "update checkpoints set sequence = sequence + 1",
        {"1 not yet applied"},
    ),
    "a parked event": (
        "customs",
        "insert into parked (feed, sequence, stream, error) select feed, sequence, stream, 'a bug' from inbox"
        " where sequence = 9",
        "delete from parked",
        {"1 parked"},
    ),
}


@pytest.mark.parametrize("kind", BY_HAND)
async def test_each_kind_of_difference_is_found(road: Road, kind: str) -> None:
    department, change, back, expected = BY_HAND[kind]
    await road.by_hand(department, change)
    try:
        assert expected == set(await road.differences())
    finally:
        await road.by_hand(department, back)
    assert await road.differences() == []


async def test_a_dropped_event_is_told_and_is_no_difference(road: Road) -> None:
    await road.by_hand(
        "customs",
        "insert into parked (feed, sequence, stream, error, dropped_at, dropped_by, reason)"
        " select feed, sequence, stream, 'a bug', now(), 'operator', 'void' from inbox where sequence = 9",
    )
    try:
        account = (await road.accounts())[SHIPS]
        assert account.is_clean
        assert account.subscribers[0].applied == EVENTS - 1
        assert account.subscribers[0].remarks == ["1 dropped by an operator"]
    finally:
        await road.by_hand("customs", "delete from parked")


async def test_what_cannot_be_reached_is_unknown_and_not_clean(road: Road) -> None:
    away = replace(road.customs, database_url="postgresql://customs:x@127.0.0.1:9/customs")
    ships = (await road.accounts(road.harbour, away))[SHIPS]
    assert not ships.is_clean
    assert ships.subscribers[0].inbox is None
    assert ships.subscribers[0].differences == ["the database of customs cannot be read (ConnectionRefusedError)"]
    ships = (await road.accounts(replace(road.harbour, nats_url=NOWHERE), road.customs))[SHIPS]
    assert ships.in_broker is None
    assert ships.logged == EVENTS
    assert [difference.partition(" (")[0] for difference in ships.differences] == ["the broker does not answer harbour"]


async def test_a_department_nobody_told_us_of_is_named(road: Road) -> None:
    ships = (await road.accounts(road.harbour))[SHIPS]
    assert ships.is_clean
    assert ships.subscribers[0].remarks == ["acknowledged up to 40 of 40"]


UNKNOWN = "not known how far it came: it has no durable at the broker, or that was not asked"


async def of_bank(road: Road, catalogue: Catalogue) -> Taken:
    [ships] = [one for one in await compare(road.parties, catalogue) if one.feed == SHIPS]
    [taken] = [one for one in ships.subscribers if one.subscriber == "local.bank"]
    return taken


async def test_of_an_integrator_the_broker_tells_how_far_it_came(road: Road) -> None:
    """It is given the ships, has acknowledged 15, holds 5 more and has not asked for the rest."""
    bank = Member("local", "bank")
    row = road.catalogue.rows[SHIPS]
    rows = {**road.catalogue.rows, SHIPS: replace(row, subscribers=(*row.subscribers, bank))}
    catalogue = replace(road.catalogue, integrators=(bank,), rows=rows)
    assert (await of_bank(road, catalogue)).remarks == [UNKNOWN]
    async with connected(road.broker.url()) as client:
        jetstream = client.jetstream()
        durable = ConsumerConfig(durable_name=bank.dashed, ack_policy=AckPolicy.ALL)
        await jetstream.add_consumer("local-harbour-ships", durable)
        try:
            reading = await jetstream.pull_subscribe_bind(bank.dashed, stream="local-harbour-ships")
            messages = [message for _ in range(20) for message in await reading.fetch(1)]  # of more, some may come
            await messages[14].ack_sync()
            taken = await of_bank(road, catalogue)
        finally:
            await jetstream.delete_consumer("local-harbour-ships", bank.dashed)
    assert taken.acknowledged == 15
    assert taken.remarks == ["acknowledged up to 15 of 40, 25 not yet"]
    assert not taken.differences


async def test_waiting_ends_when_all_is_the_same(road: Road, tmp_path: Path, databases: Databases) -> None:
    """The subscriber is stopped; what came meanwhile is told as missing until it runs again."""
    told: list[Sequence[FeedAccount]] = []
    async with (
        databases.fresh() as own,
        databases.fresh() as other,
        embedded_nats() as broker,
        sample.engine(HARBOUR_SERVICE, own, tmp_path, broker.url()) as harbour,
    ):
        async with sample.engine(CUSTOMS_SERVICE, other, tmp_path, broker.url(), started=False) as customs:
            parties = party(harbour, own, broker), party(customs, other, broker)
        await harbour.store.execute("ship-1", SHIP, Arrive(100), Context())
        behind = await until_clean(parties, road.catalogue, 0.5, told.append)
        assert not all(account.is_clean for account in behind)
        assert told
        async with sample.engine(CUSTOMS_SERVICE, other, tmp_path, broker.url()):
            accounts = await until_clean(parties, road.catalogue, 20, told.append)
            assert all(account.is_clean for account in accounts)


async def test_what_differs_stands_in_the_table(road: Road) -> None:
    await road.by_hand("customs", "update checkpoints set sequence = sequence - 1")
    try:
        accounts = await compare(road.parties, road.catalogue)
    finally:
        await road.by_hand("customs", "update checkpoints set sequence = sequence + 1")
    told = io.StringIO()
    console = Console(file=told, width=WIDTH)
    console.print(table(accounts))
    for line in remarks(accounts):
        console.print(line, soft_wrap=True)
    ships = next(line.split() for line in told.getvalue().splitlines() if SHIPS in line)
    assert ships[:5] == [SHIPS, *[str(EVENTS)] * 3, ships[4]]
    assert ships[5:8] == ["local.customs", str(EVENTS), str(EVENTS - 1)]
    assert "1 not yet applied" in told.getvalue()


async def test_without_a_stack_nothing_is_said_to_be_clean(tmp_path: Path) -> None:
    code, output, errors = await tongban("reconcile", "--json", "--data", tmp_path)
    assert (code, output) == (1, "")
    assert "no stack was started in" in errors


async def test_digests_go_by_parts(road: Road, databases: Databases, tmp_path: Path, own_nats: Nats) -> None:
    """So that a difference in a long feed is told with where it is."""
    async with databases.fresh() as own, sample.engine(HARBOUR_SERVICE, own, tmp_path, started=False) as harbour:
        await harbour.store.execute("ship-1", SHIP, Arrive(100), Context())
        await harbour.pool.execute(
            "insert into log (position, feed, sequence, stream, version, leaf)"
            " values (1, 'harbour.ships', $1, 'ship-1', 1, $2)",
            PART + 1,
            bytes(32),
        )
        digests = await digests_of_log(party(harbour, own, own_nats), SHIPS_FEED, PART + 1)
    assert list(digests) == [1]


async def test_a_divergence_is_named_with_what_mends_it(road: Road) -> None:
    _, do, undo, _ = BY_HAND["another event in its place"]
    await road.by_hand("customs", do)
    [taken] = (await road.accounts())[SHIPS].subscribers
    await road.by_hand("customs", undo)
    [remark] = taken.remarks
    assert remark.startswith("the histories diverge at event 5; start the provider anew")


async def test_an_epoch_that_was_not_adopted_is_told(road: Road) -> None:
    await road.by_hand("customs", "update checkpoints set epoch = 2")
    [taken] = (await road.accounts())[SHIPS].subscribers
    await road.by_hand("customs", "update checkpoints set epoch = 1")
    assert taken.remarks == ["in epoch 2, its provider in 1: the next head mends it"]


# these make streams anew, and with them durables: they come last


async def test_a_stream_of_a_later_epoch_need_not_hold_what_was_before(road: Road) -> None:
    feed, after = SHIPS_FEED, EVENTS - 10
    async with connected(road.broker.url()) as client:
        jetstream = client.jetstream()
        kept = [await jetstream.get_msg(feed.jetstream, number) for number in range(1, EVENTS + 1)]

        async def hold(begun: Begun) -> None:
            await jetstream.delete_stream(feed.jetstream)
            await ask(client, f"STREAM.CREATE.{feed.jetstream}", stream_wanted(feed, 1, -1, begun))
            for message in kept[begun.after :]:
                assert message.subject is not None
                await jetstream.publish(message.subject, message.data or b"")

        await hold(Begun(2, after))
        account = (await road.accounts())[SHIPS]
        assert account.is_clean, account
        assert account.in_broker == EVENTS - after
        assert account.remarks == [f"the broker's stream begins after event {after}: a later epoch's"]
        await hold(Begun())


async def test_what_the_broker_holds_twice_is_told_and_what_it_lost_is_a_difference(road: Road) -> None:
    async with connected(road.broker.url()) as client:
        jetstream = client.jetstream()
        first = await jetstream.get_msg("local-harbour-ships", 1)
        last = await jetstream.get_msg("local-harbour-ships", EVENTS)
        assert first.data
        assert last.data
        await jetstream.publish(last.subject or "", last.data)
        account = (await road.accounts())[SHIPS]
        assert account.is_clean
        assert account.remarks == ["1 more than once in the broker"]
        await jetstream.publish(first.subject or "", first.data)
        assert await road.differences() == ["the broker's last message is event 1"]
        await jetstream.publish(last.subject or "", last.data)
        await jetstream.delete_stream("local-customs-inspections")
        inspections = EVENTS * 3 // 4
        assert await road.differences() == [f"{inspections} not yet in the broker"]
