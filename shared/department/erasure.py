"""How a department erases a person's data: its rules, the duty that looks, and what goes with the event that says so.

The event, the keys of the person's fields, and what read models and other tables hold of them go in one transaction, by
whatever road the event comes: decided here, or recovered after a restore.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.erasure import ErasureLookDue, ErasureTaken, PersonErased, Reason
from shared.contracts.event import Event, Metadata
from shared.contracts.identity import IdentityErased
from shared.department.erasure_rules import Found, Rule, read_rules, reason
from shared.department.erasures import erasures, next_open
from shared.department.paging import Place
from shared.department.settings import Settings
from shared.department.sweeping import Clock, go_through, keep_sweeping, utc_now
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel
from shared.eventstore.store import Store
from shared.eventstore.timer import TimerRule
from shared.messaging.erasure_request import (
    Command,
    Erase,
    Keep,
    Open,
    State,
    Vocabulary,
    asked,
    erasure_request,
    looking_again,
)
from shared.messaging.reaction import Reaction
from shared.standards.shanghai import day_in_shanghai, end_of

if TYPE_CHECKING:
    from shared.department.engine import Engine

LIST = "requests for erasure"
PAGE = 100
LOOK_AGAIN_AFTER = timedelta(days=30)
"""When nobody can tell how long something keeps a person."""

Find = Callable[[Store, UUID], Awaitable[Found | None]]
"""Whether a rule applies to a person. None: it does not."""

Also = Callable[[Pool, UUID], Awaitable[Sequence[str]]]
"""Other owners of personal fields that go with a person: what is theirs and bears an id of its own."""

Ready = Callable[[Store, UUID, UUID], Awaitable[bool]]
"""Whether a request (person, request) may be answered now."""


async def nobody_else(_pool: Pool, _person: UUID) -> Sequence[str]:
    return ()


async def at_once(_store: Store, _person: UUID, _request: UUID) -> bool:
    return True


@dataclass(frozen=True)
class Erasure:
    """A department's erasing. `folder`: where its `erasure.yaml` lies. `forgotten`: statements beside read models, by
    name, for tables that hold plain text of a person ($1)."""

    vocabulary: Vocabulary
    folder: Path
    find: Mapping[str, Find]
    forgotten: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    also: Also = nobody_else
    ready: Ready = at_once
    asks_itself: bool = False

    @cached_property
    def aggregate(self) -> Aggregate[State, Command]:
        return erasure_request(self.vocabulary)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Raises Misconfigured."""
        return read_rules(self.folder / "erasure.yaml", self.find)

    @cached_property
    def read_model(self) -> ReadModel:
        return erasures(self.vocabulary, asks_itself=self.asks_itself)

    @property
    def events(self) -> tuple[type[PersonErased], ...]:
        """Kinds of events by which something is erased here."""
        return (self.vocabulary.erased,) if self.asks_itself else (self.vocabulary.erased, IdentityErased)

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        return () if self.asks_itself else (asked(self.vocabulary, self.aggregate),)

    @cached_property
    def timer(self) -> TimerRule:
        return looking_again(self.vocabulary, self.aggregate)

    async def keep_erasing(self, engine: "Engine", _settings: Settings, *wakers: type[Event]) -> None:
        """Adds the duty. Raises Misconfigured."""
        _ = self.rules
        wake = engine.waking(*self.read_model.events, ErasureTaken, ErasureLookDue, *wakers)
        engine.add_duty(partial(keep_sweeping, wake, Erasing(self, engine.store).sweep))


@dataclass(frozen=True, slots=True)
class Erasing:
    """The leader's duty: every open request is looked at and answered."""

    erasure: Erasure
    store: Store
    clock: Clock = utc_now

    async def sweep(self) -> int:
        """Returns how many answers were stored."""
        return await go_through(LIST, next_open, self._look_at, self.store.pool, self.clock, a_page=PAGE)

    async def _look_at(self, place: Place) -> bool:
        person, aggregate = place.id, self.erasure.aggregate
        stream = aggregate.stream(person)
        loaded = await self.store.load(stream, aggregate)
        state = loaded.state
        if not isinstance(state, Open) or not await self.erasure.ready(self.store, person, state.request):
            return False
        context = Context(
            Metadata(
                actor=f"department:{self.store.registry.department}",
                causation_id=str(loaded.events[-1].id),
                correlation_id=loaded.events[-1].metadata.correlation_id or str(loaded.events[-1].id),
            ),
            key=f"{loaded.events[-1].id}\nerasure",
        )
        done = await self.store.execute(stream, aggregate, await self._answer(person), context)
        if done.events and self.store.registry.sealing is not None:
            self.store.registry.sealing.look_anew()
        return bool(done.events)

    async def _answer(self, person: UUID) -> Command:
        now = self.clock()
        if reasons := await self._reasons(person):
            ends = [one.until for one in reasons if one.until is not None]
            again = end_of(max(ends)) if len(ends) == len(reasons) else now + LOOK_AGAIN_AFTER
            return Keep(tuple(reasons), again, now)
        return Erase(tuple(await self.erasure.also(self.store.pool, person)), now)

    async def _reasons(self, person: UUID) -> list[Reason]:
        today = day_in_shanghai(self.clock())
        found = []
        for rule in self.erasure.rules:
            what = await self.erasure.find[rule.rule](self.store, person)
            one = what and reason(rule, what, today)
            if one:
                found.append(one)
        return found
