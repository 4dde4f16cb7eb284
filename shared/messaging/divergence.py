"""Finds the point at which a provider's history and the events taken in of it diverge.

Ids tell, whatever the numbers say: a history is the same up to the first number under which the two hold other events.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID

from shared.contracts.envelope import Received
from shared.contracts.epochs import FIRST, Epochs
from shared.contracts.errors import Unavailable
from shared.eventstore.database import Pool
from shared.messaging.history import Page
from shared.messaging.intake import CheckpointMoved

UNNOTICED = "its provider has other events than we hold, and tells no epoch that says so: was it restored?"
FORGOT = "its provider tells fewer epochs than before: was it restored?"
UNTRUE = "its provider's history differs below the point that its epochs name"
TOO_OFTEN = "its provider begins epochs too often; this one waits"
COMING_BACK = "its provider has fewer events than we hold; whether they come back is waited for"
HELD = "read models are built anew first, for phantoms are in them"

IDS = "select sequence, id from inbox where feed = $1 and sequence > $2 and sequence <= $3"
ID = "select id from inbox where feed = $1 and sequence = $2"
HELD_IDS = "select sequence, id from inbox where feed = $1 and sequence = any($2::bigint[])"

Ask = Callable[[int], Awaitable[Page]]
"""The provider's history after a sequence."""


class Diverges(Unavailable):
    """Nothing is applied while the provider's history is not the one that was taken in. Its text is for operators."""


class Held(Unavailable):
    """Nothing is applied for a while, by ourselves: it goes on without anybody's help."""


class Realigned(CheckpointMoved):
    """The feed was brought in line with its provider's history; look anew."""


@dataclass(frozen=True, slots=True)
class Common:
    """The last sequence up to which the two are the same. `is_parted`: the next event is another one; else the provider
    has none yet."""

    sequence: int
    head: int
    is_parted: bool


def may_be_shared(known: Epochs, told: Epochs, feed: str) -> int | None:
    """The last sequence that both histories share by what the epochs say. None: all that is known."""
    same = FIRST + alike(known, told)
    found = [one for one in (known.shared_since(feed, same), told.shared_since(feed, same)) if one is not None]
    return min(found, default=None)


def alike(known: Epochs, told: Epochs) -> int:
    """The number of first epochs that are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(known.later, told.later, strict=False)))


def is_shorter(told: Epochs, known: Epochs) -> bool:
    """Whether it is the same but for later epochs that are missing."""
    return len(told.later) < len(known.later) and told.later == known.later[: len(told.later)]


def follows(before: UUID | None, received: Sequence[Received]) -> int:
    """The number of first messages that name the event before them. A provider of an older release names none."""
    for number, message in enumerate(received):
        if message.previous not in (None, before):
            return number
        before = message.id
    return len(received)


async def compare(ask: Ask, pool: Pool, feed: str, told: Epochs, shared: int, last: int) -> Common:
    """Beyond `shared`, up to the `last` that we hold; a page at a time.

    Raises Diverges when already the event at `shared` is another, Unavailable when the epochs change meanwhile.
    """
    at = shared
    while True:
        page = await ask(at)
        if page.epochs != told:
            raise Unavailable(f"{feed}: its provider's epochs changed while histories were compared")
        if at == shared:
            await _require_shared(pool, feed, page, shared)
        if not page.events:
            return Common(at, page.head, is_parted=False)
        ours = {row["sequence"]: row["id"] for row in await pool.fetch(IDS, feed, at, page.events[-1].sequence)}
        for event in page.events:
            if event.sequence > last:
                return Common(last, page.head, is_parted=False)
            if ours.get(event.sequence) != event.id:
                return Common(event.sequence - 1, page.head, is_parted=True)
        at = page.events[-1].sequence
        if at >= last:
            return Common(last, page.head, is_parted=False)


async def _require_shared(pool: Pool, feed: str, page: Page, shared: int) -> None:
    if page.head < shared:
        raise Diverges(UNTRUE)
    previous = page.events[0].previous if page.events else None
    if previous is not None and previous != await pool.fetchval(ID, feed, shared):
        raise Diverges(UNTRUE)


async def not_as_held(pool: Pool, feed: str, received: Sequence[Received]) -> Received | None:
    """The first message that comes under a number which another event bears here."""
    held = {
        row["sequence"]: row["id"]
        for row in await pool.fetch(HELD_IDS, feed, [message.sequence for message in received])
    }
    return next((one for one in received if held.get(one.sequence, one.id) != one.id), None)
