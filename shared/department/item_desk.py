"""The desk on which a department does what cases ask of it: the leader's duty, effectively once.

Everything an action makes has ids that follow from the item (`asked_item.reference`), so doing it again after a crash
makes nothing twice. What waits for a person or thing is `held`, and looked at again when the department's own events
wake it. What is on its way is looked at with every sweep.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from shared.contracts.case_items import ItemTaken, ItemWithdrawalTaken, Words
from shared.contracts.errors import TongbanError
from shared.contracts.event import Event, Recorded
from shared.department import sweeping
from shared.department.paging import Place
from shared.department.sweeping import EVERY, Clock, rest, utc_now
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.eventstore.store import Store
from shared.eventstore.wake import Wake
from shared.messaging import asked_item
from shared.messaging.asked_item import (
    Answer,
    AnswerRefused,
    AnswerUndone,
    Taken,
    Vocabulary,
    Withdrawn,
    reference,
)
from shared.messaging.reacting import context_of

LIST = "items of cases"
SOON = 0.1  # seconds until a second look at what is on its way; twice as long before each further one
PATIENCE = timedelta(minutes=1)  # with what is on its way, before it counts as stuck
AT_ONCE = 32  # items in work; their commands then share group commits
PAGE = 500

Wakers = Mapping[type[Event], Callable[[Event], UUID]]
"""Own events after which an item is worth another look, and the reference of that item."""

Do = Callable[[ItemTaken, Context], Awaitable[Answer | None]]
"""Does an item, or looks how far it has come. None: something is on its way, look again; nothing to tell yet."""

Undo = Callable[[ItemTaken, Context], Awaitable[AnswerUndone | None]]
"""Undoes an item. None: something of it is still being made, look again."""

UNKNOWN = Words(
    zh="本部门不办理此类事项，请核对事项定义。", en="This department does no such item; see the definition."
)


@dataclass(frozen=True)
class Action:
    """`undo` None: nothing can be undone; `stays` says so."""

    do: Do
    undo: Undo | None = None
    stays: Words = asked_item.STAYS


def item_desk(vocabulary: Vocabulary, wakers: Wakers = MappingProxyType({})) -> ReadModel:
    """The department's list of what lies on its desk."""

    def project(event: Recorded) -> Iterator[Statement]:
        match event.data:
            case ItemTaken() as taken:
                key = reference(taken.case, taken.item)
                yield "taken", (key, event.stream, taken.requested_at)
                if taken.attempt > 1:
                    yield "again", (key, reference(taken.case, taken.item, taken.attempt))
            case ItemWithdrawalTaken() as withdrawal:
                key = reference(withdrawal.case, withdrawal.item)
                yield "withdrawn", (key, event.stream, withdrawal.withdrawn_at)
            case vocabulary.waiting(on_its_way=False):
                yield "held", (reference(event.data.case, event.data.item),)
            case vocabulary.done() | vocabulary.refused() | vocabulary.undone():
                yield "answered", (reference(event.data.case, event.data.item),)
            case other if waker := wakers.get(type(other)):
                yield "woken", (waker(other),)

    events: tuple[type[Event], ...] = (
        ItemTaken,
        ItemWithdrawalTaken,
        vocabulary.waiting,
        vocabulary.done,
        vocabulary.refused,
        vocabulary.undone,
        *wakers,
    )
    return ReadModel.beside(__file__, version=2, events=events, project=project)


NEXT = """
select stream, reference, since from item_desk
where status in ('taken', 'withdrawn') and (woken or not held or others <> '{}')
  and (woken or not held or exists (select 1 from item_desk w where w.reference = any(item_desk.others) and w.woken))
  and (since, reference) > ($1, $2)
order by since, reference limit $3
"""


@dataclass(frozen=True, slots=True)
class OnDesk:
    stream: str
    place: Place  # its id is the item's reference


async def next_on_desk(pool: Pool, *, after: Place, limit: int) -> Sequence[OnDesk]:
    """What may be worked at, the longest waiting first."""
    rows = await pool.fetch(NEXT, *after, limit)
    return [OnDesk(row["stream"], Place(row["since"], row["reference"])) for row in rows]


class StillOnItsWay(TongbanError):
    """What an item needs has not come for a while."""


class ItemDesk:
    """`actions` by the name that a case's definition calls them."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        aggregate: Aggregate[asked_item.State, asked_item.Command],
        actions: Mapping[str, Action],
        clock: Clock = utc_now,
    ) -> None:
        self._store, self._pool, self._aggregate, self._actions, self._clock = store, pool, aggregate, actions, clock
        self._on_their_way: dict[UUID, datetime] = {}  # since when
        self._met_on_its_way = False  # at the last look

    async def keep_working(self, wake: Wake) -> None:
        """The leader's duty: at once when something was put on it. Errors of the database end it together with the
        leadership."""
        quiet = 0
        while True:
            answers = await self.work()
            quiet = quiet + 1 if self._met_on_its_way and not answers else 0
            await rest(wake, min(EVERY, SOON * 2 ** min(quiet, 16)) if self._met_on_its_way else EVERY)

    async def work(self) -> int:
        """Look at everything on the desk once. Returns how many answers were stored."""
        self._met_on_its_way = False
        return await sweeping.go_through(
            LIST, next_on_desk, self._look_at, self._pool, self._clock, a_page=PAGE, at_once=AT_ONCE
        )

    async def _look_at(self, one: OnDesk) -> bool:
        """Whether an answer was stored. Raises StillOnItsWay, and what an action raises."""
        answered = await self._answer(one.stream)
        if answered is not None:
            self._on_their_way.pop(one.place.id, None)
            return answered
        now = self._clock()
        if now - self._on_their_way.setdefault(one.place.id, now) >= PATIENCE:
            raise StillOnItsWay("what it needs has not come yet")
        self._met_on_its_way = True
        return False

    async def _answer(self, stream: str) -> bool | None:
        """None: it is on its way."""
        loaded = await self._store.load(stream, self._aggregate)
        state = loaded.state
        if not isinstance(state, Taken | Withdrawn):
            return False
        kind = ItemTaken if isinstance(state, Taken) else ItemWithdrawalTaken
        cause = next(event for event in reversed(loaded.events) if isinstance(event.data, kind))
        context = context_of(cause, self._store.registry.department, "item")
        action = self._actions.get(state.request.action)
        answer: Answer | None
        if isinstance(state, Taken):
            answer = (
                await action.do(state.request, context)
                if action
                else AnswerRefused("unknown_action", UNKNOWN, self._clock())
            )
        elif action and action.undo and (state.withdrawal.undo or not state.was_done):
            answer = await action.undo(state.request, context)
        else:
            answer = AnswerUndone(action.stays if action and state.was_done else None, self._clock())
        if answer is None:
            return None
        # an item has several answers in its life (waiting, then done): each under a key of its own
        done = await self._store.execute(stream, self._aggregate, answer, context.step(f"answer {loaded.version}"))
        return bool(done.events)
