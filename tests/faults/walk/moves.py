"""What may happen in a step. Which one does follows from the seed and the step's number alone."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import nats
import orjson
from nats.aio.msg import Msg

from shared.messaging import heads, history, ledger_pages
from shared.messaging.broker import inbox_of
from tests import older_copy
from tests.faults import disk
from tests.faults.burdens import JUNK, told_elsewhere
from tests.faults.losses import Holdings, in_broker, lacking
from tests.faults.walk.books import Books
from tests.faults.walk.department import NEWER, OLDER
from tests.faults.walk.world import NAMES, World
from tests.until import until

HOUR = 3600


@dataclass(frozen=True)
class Move:
    """`weight`: how often it is chosen, beside the others'."""

    name: str
    weight: int
    do: "Callable[[World, Books, random.Random], Awaitable[str]]"


def move_of(seed: int, step: int) -> tuple[Move, random.Random]:
    """The same for the same two numbers; the chance is the move's own."""
    rng = random.Random(f"{seed} {step}")
    return rng.choices(MOVES, [move.weight for move in MOVES])[0], rng


async def some_time(rng: random.Random, most: float = 0.4) -> None:
    await asyncio.sleep(rng.uniform(0, most))


async def some_more(books: Books, name: str, events: int) -> None:
    """Until a department holds so many more, or for some seconds."""
    before = await books.size(name)

    async def has_grown() -> bool:
        return await books.size(name) >= before + events

    with suppress(AssertionError):
        await until(has_grown, timeout=20, every=0.1)


async def kill_some(world: World, books: Books, rng: random.Random) -> str:
    """One process, or several at once; each is started again by itself."""
    everyone = ("harbour", "customs", "postgres", "nats")
    chosen = rng.sample(everyone, rng.choice((1, 1, 1, 2, 3, 4)))
    await some_time(rng)
    for name in chosen:
        if name == "postgres":
            world.postgres.server.kill()
        elif name == "nats":
            world.nats.kill()
        else:
            world.kill(name)
    return ", ".join(chosen)


async def away(world: World, books: Books, rng: random.Random) -> str:
    """The broker or a department is away for a moment."""
    name, seconds = rng.choice(("nats", *NAMES)), rng.uniform(0.2, 1.0)
    gently = rng.random() < 0.5
    if name == "nats":
        await world.broker.halt(gently=gently)
    else:
        await world.halt(name, gently=gently)
    await asyncio.sleep(seconds)
    await (world.broker.resume() if name == "nats" else world.resume(name))
    return f"{name} for {seconds:.1f} s"


async def wipe(world: World, books: Books, rng: random.Random) -> str:
    await some_time(rng)
    await world.broker.halt()
    world.nats.wipe()
    await some_time(rng)
    await world.broker.resume()
    return "the broker's store"


async def keep_copy(world: World, books: Books, rng: random.Random) -> str:
    name = rng.choice(NAMES)
    await world.copy(name)
    return name


async def restore(world: World, books: Books, rng: random.Random) -> str:
    """One department or both, with the broker's store or without; at whatever moments their copies were taken."""
    names = rng.choice((("harbour",), ("customs",), NAMES))
    wipes = rng.random() < 0.3
    for name in names:
        if name not in world.copied:
            await world.copy(name)
            await some_more(books, name, rng.randint(1, 25))
    await some_time(rng)
    for name in names:
        await world.halt(name)
    others = [name for name in NAMES if name not in names]
    for name in others:
        await world.halt(name)  # so that what it holds stands still while it is looked at
    if wipes:
        await world.broker.halt()
        world.nats.wipe()
        await world.broker.resume()
    before = await books.look()
    copies = {name: books.copy_of(name) for name in names}
    after = before | {name: await Holdings.of(url) for name, url in copies.items()}
    behind = books.losses.lose(before, after, await in_broker(world.parties))
    for name in names:
        await older_copy.put_back(world.databases[name])
        world.copied.discard(name)
        await world.after_another_database(name)
    order = list(NAMES)
    rng.shuffle(order)
    for name in order:
        await world.resume(name)
        await some_time(rng, 0.3)
    return f"{' and '.join(names)}{', the broker wiped' if wipes else ''}; {behind}"


async def promote(world: World, books: Books, rng: random.Random) -> str:
    """A standby is made and takes the place of its primary, which dies."""
    is_synchronous = rng.random() < 0.5
    await world.pair.stand_by(synchronous=is_synchronous)
    await some_time(rng)
    if not is_synchronous:
        await world.pair.part()
        await some_more(books, "harbour", rng.randint(1, 25))
    async with world.frozen():
        before = await books.look()
        await world.fail_over()
        after = await books.look()
        behind = books.losses.lose(before, after, await in_broker(world.parties))
    for name in NAMES:
        await world.after_another_database(name)
    assert not (is_synchronous and lacking(before, after)), f"a synchronous standby lacked {behind}"
    return f"{'synchronous' if is_synchronous else 'asynchronous'} standby; {behind}"


async def roll(world: World, books: Books, rng: random.Random) -> str:
    """A second instance comes, the first one goes: of the same release, a newer one, or an older one with leave."""
    name, release = rng.choice(NAMES), rng.choice((OLDER, NEWER))
    [first] = world.instances[name]
    second = 1 - first
    before, world.releases[name, second] = world.releases[name, first], release
    if release < before:
        await world.give_leave(name)
    world.instances[name] = [first, second]
    await world.departments[name, second].resume()
    await some_time(rng, 1.0)
    world.instances[name] = [second]
    await world.departments[name, first].halt(gently=rng.random() < 0.7)
    return f"{name}, {'upgraded' if release > before else 'rolled back' if release < before else 'the same release'}"


async def hostile(world: World, books: Books, rng: random.Random) -> str:
    """A neighbour answers junk beside the true answers and announces what is not there; the other one restarts."""
    name = rng.choice(NAMES)
    party = next(one for one in world.parties if one.name == name)
    feed = party.registry.own_feeds[0]
    answered = 0

    async def answer(question: Msg) -> None:
        nonlocal answered
        answered += 1
        await question.respond(rng.choice(JUNK))

    broker = await nats.connect(
        party.nats_url, inbox_prefix=inbox_of(feed.member).encode(), connect_timeout=10, error_cb=told_elsewhere
    )
    try:
        for subject in (ledger_pages.subject(party.member), history.subject(feed.full_name), f"known.{party.member}.>"):
            await broker.subscribe(subject, cb=answer)
        world.kill(next(one for one in NAMES if one != name))
        for n in range(400):
            if answered and n > 10:
                break
            false = orjson.dumps({"member": party.member, "feeds": {feed.full_name: 10**9}})
            for body in (rng.choice(JUNK), false):
                await broker.publish(heads.subject(party.member), body)
            await asyncio.sleep(0.05)
    finally:
        await broker.close()
    return f"{name}, {answered} junk answers"


async def jump(world: World, books: Books, rng: random.Random) -> str:
    """A wall clock jumps, and stays where it is until it jumps again."""
    name, seconds = rng.choice(NAMES), rng.choice((0, rng.randint(-HOUR, HOUR), rng.randint(-HOUR, HOUR)))
    if name not in world.clocks:
        return "no clock that jumps can be built here"
    world.clocks[name].set(seconds)
    await some_time(rng)
    return f"{name} by {seconds} s"


async def fill(world: World, books: Books, rng: random.Random) -> str:
    """Not a byte is left on PostgreSQL's disk; or, where no disk of its own can be had, it stores nothing."""
    async with AsyncExitStack() as stack:
        home = world.directory / "postgres"
        if not home.is_mount():
            return "no disk of its own here"
        stack.enter_context(disk.filled(home))
        await asyncio.sleep(rng.uniform(0.2, 0.8))
    await until(lambda: world.postgres.server.is_running, what="PostgreSQL runs again")
    return "PostgreSQL's"


MOVES: Sequence[Move] = (
    Move("kill", 30, kill_some),
    Move("away", 10, away),
    Move("wipe", 10, wipe),
    Move("keep a copy", 6, keep_copy),
    Move("restore", 14, restore),
    Move("promote", 6, promote),
    Move("roll", 8, roll),
    Move("hostile neighbour", 6, hostile),
    Move("clock", 6, jump),
    Move("full disk", 4, fill),
)
