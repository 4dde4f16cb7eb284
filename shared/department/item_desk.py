"""The desk on which a department does what cases ask of it: the leader's duty, effectively once.

Everything an action makes has ids that follow from the item (`asked_item.reference`), so doing it again after a crash
makes nothing twice. What waits for a person or thing is `held`, and looked at again when the department's own events
wake it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

import structlog

from shared.contracts.case_items import ItemTaken, ItemWithdrawalTaken, Words
from shared.contracts.errors import TongbanError
from shared.contracts.event import Event, Recorded
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.eventstore.store import Store
from shared.eventstore.transient import is_transient
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

log = structlog.get_logger(__name__)

EVERY = 0.5  # seconds between looks
AT_ONCE = 32  # items in work; their commands then share group commits
PAGE = 500

Wakers = Mapping[type[Event], Callable[[Event], UUID]]
"""Own events after which an item is worth another look, and the reference of that item."""

Do = Callable[[ItemTaken, Context], Awaitable[Answer | None]]
"""Does an item, or looks how far it has come. None: something is on its way, look again; nothing to tell yet."""

Undo = Callable[[ItemTaken, Context], Awaitable[AnswerUndone]]

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
                yield "taken", (reference(taken.case, taken.item), event.stream, taken.requested_at)
            case ItemWithdrawalTaken() as withdrawal:
                key = reference(withdrawal.case, withdrawal.item)
                yield "withdrawn", (key, event.stream, withdrawal.withdrawn_at)
            case vocabulary.waiting():
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
    return ReadModel.beside(__file__, version=1, events=events, project=project)


NEXT = """
select stream, reference, since from item_desk
where status in ('taken', 'withdrawn') and (woken or not held) and (since, reference) > ($1, $2)
order by since, reference limit $3
"""
FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


class ItemDesk:
    """`actions` by the name that a case's definition calls them."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        aggregate: Aggregate[asked_item.State, asked_item.Command],
        actions: Mapping[str, Action],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._pool, self._aggregate, self._actions, self._clock = store, pool, aggregate, actions, clock
        self._failed: dict[str, int] = {}  # looks to pass over, and how often it failed, by stream
        self._looks = 0
        self._in_work = asyncio.Semaphore(AT_ONCE)

    async def keep_working(self) -> None:
        """The leader's duty. Errors of the database end it together with the leadership."""
        while True:
            if not await self.work():
                await asyncio.sleep(EVERY)

    async def work(self) -> int:
        """Look at everything on the desk once. Returns how many answers were stored."""
        self._looks += 1
        answers, after = 0, FIRST
        while page := await self._pool.fetch(NEXT, *after, PAGE):
            streams = [row["stream"] for row in page if self._is_due(row["stream"])]
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._look_at(stream)) for stream in streams]
            answers += sum(task.result() for task in tasks)
            after = (page[-1]["since"], page[-1]["reference"])
        return answers

    def _is_due(self, stream: str) -> bool:
        """What failed is looked at less and less often, at least every 64th time."""
        every: int = 2 ** min(self._failed.get(stream, 0), 6)
        return self._looks % every == 0

    async def _look_at(self, stream: str) -> bool:
        async with self._in_work:
            try:
                has_answered = await self._answer(stream)
            except Exception as error:
                if is_transient(error) and not isinstance(error, TongbanError):
                    raise
                self._failed[stream] = self._failed.get(stream, 0) + 1
                log.exception("an item of a case could not be looked at", stream=stream, failures=self._failed[stream])
                return False
        self._failed.pop(stream, None)
        return has_answered

    async def _answer(self, stream: str) -> bool:
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
            return False
        # an item has several answers in its life (waiting, then done): each under a key of its own
        done = await self._store.execute(stream, self._aggregate, answer, context.step(f"answer {loaded.version}"))
        return bool(done.events)
