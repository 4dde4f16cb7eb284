"""A walk through faults at random: each step strikes under load, then everything is looked at.

The small world is made anew every CHAPTER steps, so that a step follows from the seed, its number and the steps of its
chapter before it, and a walk can be resumed, or a fault sought again, from any chapter on.
"""

import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.embedded.errors import InUse, ServerFailed
from tests.faults.clock import Clock
from tests.faults.fault import NotHere
from tests.faults.verdict import Verdict
from tests.faults.walk.books import Books
from tests.faults.walk.minded import Nursery
from tests.faults.walk.moves import move_of
from tests.faults.walk.sailors import Sailors
from tests.faults.walk.world import NAMES, World, opened

CHAPTER = 40  # steps
REBUILD_EVERY = 10  # steps; comparing read models with a build from scratch is the dearest look
BEFORE, AFTER = 0.1, 0.2  # seconds of load around a strike
MOST_FAILURES = 20  # of making a world
MOVE_WITHIN = 120.0  # seconds

Tell = Callable[[str], None]


@dataclass
class Step:
    """What one came to."""

    number: int
    move: str
    note: str = ""
    seconds: float = 0.0
    accepted: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def is_good(self) -> bool:
        return self.verdict.is_good

    def told(self) -> str:
        one = self.verdict
        wrong = "; ".join([*one.troubles, *one.differences, *one.rebuilt])
        return (
            f"step {self.number} {self.move} ({self.note}): {self.accepted} accepted, {one.lost} lost, "
            f"{one.doubled} doubled, {one.skipped} skipped, {one.untold} untold; {self.seconds:.1f} s, "
            f"settled after {one.caught_up_in or 0:.1f} s" + (f" WRONG {wrong}" if not self.is_good else "")
        )


@dataclass
class Walk:
    """How far it has come; kept in a file, from which it is resumed."""

    seed: int
    next: int = 0
    taken: int = 0
    accepted: int = 0
    gone: int = 0
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)

    @classmethod
    def resumed(cls, file: Path, seed: int) -> "Walk":
        """From the beginning of the chapter it had come to; a new one where there is none of this seed."""
        if file.exists():
            walk = cls(**json.loads(file.read_text("utf-8")))
            if walk.seed == seed:
                return walk
        return cls(seed)

    def told(self) -> str:
        return (
            f"seed {self.seed}: {self.taken} steps in {self.seconds / 60:.0f} min, {self.accepted:,} accepted, "
            f"{len(self.found)} steps not good; {self.gone:,} events were known to a lost database alone"
        )

    def keep(self, file: Path) -> None:
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")
        draft.replace(file)


async def walk(one: Walk, end: int, tell: Tell, state: Path | None = None, directory: Path | None = None) -> Walk:
    """Up to step `end`, not included. A chapter in which something was wrong is left at once, and its files stay."""
    home = directory or Path(tempfile.mkdtemp(prefix="tongban-walk-"))
    failures = 0
    with nurseries(home) as (departments, clocks):
        while one.next < end:
            chapter = home / f"from-{one.next}-{time.monotonic_ns()}"
            try:
                is_good = await _chapter(one, end, tell, chapter, departments, clocks)
            except (ServerFailed, InUse) as error:  # a port was taken by somebody else, before the first step
                failures += 1
                if failures > MOST_FAILURES:
                    raise
                tell(f"the world did not begin, it is made once more: {str(error)[:200]!r}")
                continue
            if is_good:
                shutil.rmtree(chapter)
            else:
                tell(f"logs are kept in {chapter}")
            if state is not None:
                one.keep(state)
    if not one.found:
        shutil.rmtree(home)
    return one


async def _chapter(
    one: Walk, end: int, tell: Tell, home: Path, departments: Mapping[str, Nursery], clocks: Mapping[str, Clock]
) -> bool:
    last = min(end, (one.next // CHAPTER + 1) * CHAPTER)
    for clock in clocks.values():
        clock.set(0)
    async with opened(home, departments, clocks) as world:
        sailors = Sailors(lambda: world.addresses("harbour"), random.Random(one.seed))
        books = Books(world, sailors)
        for number in range(one.next, last):
            step = await _step(world, books, sailors, one.seed, number, is_last=number == last - 1)
            tell(step.told())
            one.accepted += step.accepted
            one.seconds += step.seconds
            one.taken += 1
            if not step.is_good:
                one.found.append(step.told())
                one.next = last
                break
            one.next = number + 1
        one.gone += len(books.losses.gone)
    return one.next == last and not (one.found and one.found[-1].startswith(f"step {number} "))


async def _step(world: World, books: Books, sailors: Sailors, seed: int, number: int, *, is_last: bool) -> Step:
    move, rng = move_of(seed, number)
    began, accepted = time.monotonic(), sailors.accepted
    step = Step(number, move.name)
    failed = ""
    async with sailors.at_work():
        await asyncio.sleep(BEFORE)
        try:
            async with asyncio.timeout(MOVE_WITHIN):
                step.note = await move.do(world, books, rng)
        except (AssertionError, TimeoutError, OSError) as error:
            failed = f"{type(error).__name__}: {error}"
        await asyncio.sleep(AFTER)
    step.verdict = await books.judge(rebuilds=is_last or number % REBUILD_EVERY == 0)
    if failed:
        step.verdict.troubles.insert(0, failed)
    step.seconds, step.accepted = time.monotonic() - began, sailors.accepted - accepted
    return step


@contextmanager
def nurseries(home: Path) -> Iterator[tuple[Mapping[str, Nursery], Mapping[str, Clock]]]:
    """A process and a clock for each department, of all chapters."""
    clocks: dict[str, Clock] = {}
    made: dict[str, Nursery] = {}
    try:
        for name in NAMES:
            (home / name).mkdir(parents=True, exist_ok=True)
            with suppress(NotHere):
                clocks[name] = Clock(home / name)
            made[name] = Nursery(clocks[name].environment if name in clocks else {})
        yield made, clocks
    finally:
        for nursery in made.values():
            nursery.close()
