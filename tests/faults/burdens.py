"""Faults of what is carried: junk from a neighbour, huge events, a long stream, a snapshot that stands open."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import nats
import orjson
from nats.aio.msg import Msg
from uuid_utils.compat import uuid7

from deploy.reach import Reached
from shared.contracts.event import Metadata, Recorded
from shared.contracts.identity import PersonMoved
from shared.contracts.registry import Registry
from shared.eventstore import append, read_model
from shared.eventstore.database import Pool
from shared.eventstore.store import keys_ready
from shared.messaging import heads, history, ledger_pages
from shared.messaging.broker import inbox_of
from tests.faults.commands import Client
from tests.faults.fault import Fault
from tests.faults.town import Scene
from tests.until import until

JUNK = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"head": -1}',
    b'{"head": 99}\n{}',
    b'{"checkpoint": 7}\n' + bytes(31),
    b"[" * 50_000,
    b'{"error": {"a": [1]}}',
    b"x" * 500_000,
)
HUGE = 190_000  # characters of an address
MOST_GROWN = 200  # MB a department's process may take more than before
LONG = 40_000  # events of one stream
VERSION = "select max(version) from events where stream = $1"
IS_NUMBERED = "select exists (select from log join events using (stream, version) where stream = $1)"
BATCH = 500


async def hostile_neighbour(scene: Scene, client: Client) -> str:
    """Somebody has identity's login: announces what is not there, and answers whoever asks with junk, sooner than
    identity does."""
    identity = scene.department("identity")
    feeds = identity.registry.own_feeds
    member = str(feeds[0].member)
    answered = 0

    async def answer(question: Msg) -> None:
        nonlocal answered
        answered += 1
        await question.respond(scene.rng.choice(JUNK))

    broker = await nats.connect(
        identity.nats_url, inbox_prefix=inbox_of(feeds[0].member).encode(), connect_timeout=30, error_cb=told_elsewhere
    )
    try:
        await broker.subscribe(ledger_pages.subject(member), cb=answer)
        for feed in feeds:
            await broker.subscribe(history.subject(feed.full_name), cb=answer)
        end = time.monotonic() + (5 if scene.quick else 20)
        sent = 0
        while time.monotonic() < end:
            for feed in feeds:
                false = {"member": member, "feeds": {feed.full_name: 10**9}}
                for body in (scene.rng.choice(JUNK), orjson.dumps(false)):
                    await broker.publish(heads.subject(feed.full_name), body)
                sent += 2
            await broker.publish(heads.subject(member), scene.rng.choice(JUNK))
            await broker.publish(feeds[0].subject_of("identity.Junk"), scene.rng.choice(JUNK))
            sent += 2
            await asyncio.sleep(0.05)
    finally:
        await broker.close()
    leading = [one.name for one in scene.departments if not await leads(scene, one)]
    assert not leading, f"not led any more: {leading}"
    return f"{sent} junk messages, {answered} junk answers"


async def told_elsewhere(_: Exception) -> None:
    """The broker may think what it likes of somebody who sends junk."""


async def leads(scene: Scene, department: Reached) -> bool:
    async with department.reading() as connection:
        name = f"{department.name} leader"
        asked = "select exists (select from pg_stat_activity where application_name = $1)"
        return bool(await connection.fetchval(asked, name))


async def huge_events(scene: Scene, client: Client) -> str:
    """Many moves with an address of 190,000 characters, to everyone who hears of the register."""
    people = [person for person, _ in await scene.enter(50, client)]
    before = {name: memory(pid, "VmRSS") for name, pid in departments(scene).items()}
    for pid in departments(scene).values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak is counted anew
    times = 4 if scene.quick else 20
    async with moving(scene.department("identity")) as move:
        for _ in range(times):
            for person in people:
                await move(person, ["x" * HUGE])
    await until(lambda: caught_up(scene), timeout=120, what="all have taken them in")
    grown = {name: memory(pid, "VmHWM") - before[name] for name, pid in departments(scene).items()}
    worst = max(grown, key=lambda name: grown[name])
    assert grown[worst] <= MOST_GROWN, f"{worst} grew by {grown[worst]} MB"
    return f"{times * len(people):,} events of {HUGE // 1000} kB; {worst} grew by {grown[worst]} MB at most"


async def long_stream(scene: Scene, client: Client) -> str:
    """One person moves tens of thousands of times; then commands on that stream, and on others beside them."""
    [(person, division), (other, _)] = await scene.enter(2, client)
    how_many = LONG // 8 if scene.quick else LONG
    async with moving(scene.department("identity")) as move:
        for start in range(0, how_many, BATCH):
            await move(person, [f"东街{n}号" for n in range(start, start + BATCH)])
    await timed(scene, client, person, division, 1)  # the first may have to read it all
    alone = await timed(scene, client, other, division, 20)
    on_it, beside = await asyncio.gather(
        timed(scene, client, person, division, 20), timed(scene, client, other, division, 20)
    )
    await until(lambda: caught_up(scene), timeout=120, what="all have taken it in")
    assert beside <= 3 * alone + 500, f"beside it a command takes {beside} ms instead of {alone}"
    return f"{how_many:,} events: a command on it {on_it} ms, another beside it {beside} ms, alone {alone} ms"


async def open_snapshot(scene: Scene, client: Client) -> str:
    """A transaction sees the past of every database for the whole of the fault, so nothing dead is cleared away."""
    connections = [await asyncpg.connect(one.database_url) for one in scene.departments]
    identity = scene.department("identity")
    try:
        before = await numbering(scene, client, identity)
        for connection in connections:
            await connection.transaction(isolation="repeatable_read", readonly=True).start()
            await connection.fetchval("select count(*) from log")
        await scene.enter(2_000 if scene.quick else 20_000, client)
        await asyncio.sleep(2 if scene.quick else 10)
        after = await numbering(scene, client, identity)
    finally:
        for connection in connections:
            connection.terminate()
    assert after <= 5 * before + 300, f"numbering takes {after} ms instead of {before}"
    return f"accepted to numbered: {before} ms before, {after} ms behind 20,000 dead rows of outbox"


async def numbering(scene: Scene, client: Client, identity: Reached) -> int:
    """Milliseconds from an answer to its event's number, in the middle."""
    took = []
    connection = await asyncpg.connect(identity.database_url)
    try:
        for _ in range(15):
            [(person, _)] = await scene.enter(1, client)
            began = time.monotonic()
            while not await connection.fetchval(IS_NUMBERED, f"person-{person}"):
                await asyncio.sleep(0.002)
            took.append(time.monotonic() - began)
    finally:
        connection.terminate()
    return round(1000 * statistics.median(took))


async def timed(scene: Scene, client: Client, person: UUID, division: str, times: int) -> int:
    """Milliseconds a move takes, in the middle."""
    took = []
    for n in range(times):
        began = time.monotonic()
        body = {"division": division, "address": f"西街{n}号"}
        told = await client.command("identity", f"/people/{person}/move", body, scene.town.tokens.registrar)
        assert told is not None, "a move was refused"
        took.append(time.monotonic() - began)
    return round(1000 * statistics.median(took))


Move = Callable[[UUID, Sequence[str]], Awaitable[None]]


@asynccontextmanager
async def moving(identity: Reached) -> AsyncIterator[Move]:
    """Moves as identity itself would store them, sealed, but for its limits on what may be typed."""

    async def move(pool: Pool, registry: Registry, person: UUID, addresses: Sequence[str]) -> None:
        stream = f"person-{person}"
        async with pool.acquire() as connection, connection.transaction():
            version = await connection.fetchval(VERSION, stream)
            division = await connection.fetchval("select division from household_register where person = $1", person)
            now = datetime.now(UTC)
            moves = [
                PersonMoved(
                    person=person, from_division=division, division=division, address=address, moved_on=now.date()
                )
                for address in addresses
            ]
            await keys_ready(moves, stream, registry)
            rows = [
                append.row(
                    Recorded(
                        id=uuid7(),
                        stream=stream,
                        version=version + nth,
                        type="identity.PersonMoved",
                        data=moved,
                        metadata=Metadata(actor="staff:faults"),
                        recorded_at=now,
                    ),
                    registry,
                )
                for nth, moved in enumerate(moves, start=1)
            ]
            await append.insert(connection, rows)
            await read_model.group(identity.read_models, [row.event for row in rows]).run(connection)

    async with identity.pool() as pool, identity.opening() as registry:
        yield lambda person, addresses: move(pool, registry, person, addresses)


async def caught_up(scene: Scene) -> bool:
    """Whether everyone who hears of the register has taken in what it has published."""
    identity = scene.department("identity")
    feed = next(one for one in identity.registry.own_feeds if one.local_name == "identity.people")
    async with identity.reading() as connection:
        head = await connection.fetchval("select max(sequence) from log where feed = $1", feed.local_name)
    for one in scene.departments:
        async with one.reading() as connection:
            asked = "select sequence from checkpoints where feed = $1"
            sequence = await connection.fetchval(asked, feed.full_name)
            if sequence is not None and sequence < head - 50:  # the load goes on
                return False
    return True


def departments(scene: Scene) -> dict[str, int]:
    return {one.name: scene.stack.pids[one.name] for one in scene.departments}


def memory(pid: int, what: str) -> int:
    """MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{what}:"))


BURDENS = [
    Fault("a neighbour answers junk", hostile_neighbour),
    Fault("huge events", huge_events, patience=180),
    Fault("a long stream", long_stream, patience=180),
    Fault("a snapshot stands open", open_snapshot, patience=180),
]
