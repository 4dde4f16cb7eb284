"""The same walk on a whole stack: all departments, the sample town, people at work. Each step is one of the faults.

The stack is made anew every CHAPTER steps, and what a step does follows from the seed and its number, so the walk is
resumed from the chapter it had come to. Its PostgreSQL has a standby that may take its place.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.departments import NAMES
from tests.faults.burdens import hostile_neighbour
from tests.faults.commands import Client
from tests.faults.erased import erase_people
from tests.faults.fault import Fault, NotHere
from tests.faults.load import SMALL
from tests.faults.losses import Losses
from tests.faults.outcome import strike
from tests.faults.processes import jump_clocks, killed, lose_leader, restart_postgres
from tests.faults.releases import releases
from tests.faults.restored import restored_older
from tests.faults.roads import broker_stopped, delete_brokers_data, deliver_in_disorder, subscriber_down, wipe_broker
from tests.faults.standby import lose_asynchronous, lose_synchronous, with_standby
from tests.faults.town import Scene, opened
from tests.faults.verdict import Verdict
from tests.faults.walk.walking import Step, Tell, Walk

CHAPTER = 20  # steps
PEOPLE = 100
REBUILD_EVERY = 5  # steps
PATIENCE = 180.0  # seconds within which the departments must be the same again
STEP_WITHIN = 600.0  # seconds

Choose = Callable[[random.Random], Fault]


@dataclass(frozen=True)
class FullMove:
    """`weight`: how often it is chosen, beside the others'."""

    name: str
    weight: int
    fault: Choose


def _killed(rng: random.Random) -> Fault:
    return killed(rng.choice(("postgres", "nats", *NAMES)))


def _restored(rng: random.Random) -> Fault:
    names = rng.sample(NAMES, rng.choice((1, 1, 1, 2, 3, len(NAMES))))
    return restored_older(*names, wipes_broker=rng.random() < 0.3)


def _promoted(rng: random.Random) -> Fault:
    return rng.choice(
        (Fault("synchronous standby", lose_synchronous), Fault("asynchronous standby", lose_asynchronous))
    )


def _away(rng: random.Random) -> Fault:
    return rng.choice((broker_stopped(3), subscriber_down(500), Fault("the leading instance killed", lose_leader)))


def _always(name: str, what: Callable[[Scene, Client], Awaitable[str]]) -> Choose:
    return lambda _: Fault(name, what)


MOVES = (
    FullMove("kill", 30, _killed),
    FullMove("away", 12, _away),
    FullMove("restart", 4, _always("PostgreSQL restarted", restart_postgres)),
    FullMove("wipe", 6, _always("broker wiped", wipe_broker)),
    FullMove("wipe under it", 4, _always("data wiped under the broker", delete_brokers_data)),
    FullMove("restore", 16, _restored),
    FullMove("promote", 10, _promoted),
    FullMove("roll", 4, lambda _: releases(1)),
    FullMove("disorder", 6, _always("delivered twice and in disorder", deliver_in_disorder)),
    FullMove("hostile neighbour", 4, _always("a neighbour answers junk", hostile_neighbour)),
    FullMove("erase", 6, _always("people erased while departments are killed", erase_people)),
    FullMove("clock", 4, _always("clocks jump by an hour", jump_clocks)),
)


def fault_of(seed: int, step: int) -> tuple[Fault, random.Random]:
    """The same for the same two numbers; the chance is the fault's own."""
    rng = random.Random(f"full {seed} {step}")
    move = rng.choices(MOVES, [one.weight for one in MOVES])[0]
    return move.fault(rng), rng


async def walk_full(one: Walk, end: int, tell: Tell, state: Path | None = None) -> Walk:
    """Up to step `end`, not included. A chapter in which something was wrong is left at once, and its files stay."""
    while one.next < end:
        home = Path(tempfile.mkdtemp(prefix="tongban-full-walk-"))
        if await _chapter(one, end, tell, home):
            shutil.rmtree(home)
        else:
            tell(f"logs are kept in {home}")
        if state is not None:
            one.keep(state)
    return one


async def _chapter(one: Walk, end: int, tell: Tell, home: Path) -> bool:
    last = min(end, (one.next // CHAPTER + 1) * CHAPTER)
    async with opened(home, one.seed, people=PEOPLE, make=with_standby) as scene:
        scene.quick = True
        for number in range(one.next, last):
            step = await _step(scene, one.seed, number, is_last=number == last - 1)
            tell(step.told())
            one.accepted += step.accepted
            one.seconds += step.seconds
            one.taken += 1
            one.gone += len(scene.losses.gone) if scene.losses else 0
            one.next = number + 1
            if not step.is_good:
                one.found.append(step.told())
                one.next = last
                return False
    return True


async def _step(scene: Scene, seed: int, number: int, *, is_last: bool) -> Step:
    fault, scene.rng = fault_of(seed, number)
    step, began = Step(number, fault.name), time.monotonic()
    rebuilds = is_last or number % REBUILD_EVERY == 0
    try:
        async with asyncio.timeout(STEP_WITHIN):
            outcome = await strike(_after_losses(fault), scene, SMALL, rebuilds=rebuilds)
        assert outcome.verdict is not None
        step.note, step.accepted, step.verdict = outcome.note, outcome.accepted, outcome.verdict
    except NotHere as reason:
        step.note = f"cannot be had here: {reason}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the step is not good
        step.verdict = Verdict(troubles=[f"{type(error).__name__}: {error}"])
    step.seconds = time.monotonic() - began
    return step


def _after_losses(fault: Fault) -> Fault:
    """What earlier steps lost is told for ever, and waits for two officers."""

    async def strike_and_remember(scene: Scene, client: Client) -> str:
        note = await fault.strike(scene, client)
        scene.losses = scene.losses or Losses()
        return note

    return Fault(fault.name, strike_and_remember, patience=PATIENCE)
