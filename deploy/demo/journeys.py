"""How events travel: when another department had in its own inbox what this one recorded. Asked over HTTP."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from deploy.demo import patience
from deploy.demo.departments import DepartmentClient, Departments
from deploy.demo.exchange import Exchange
from deploy.demo.expectations import expect
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Published:
    feed: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One event, known to one other department. `milliseconds` from recorded here to written there."""

    event: Published
    knower: str
    milliseconds: float

    @property
    def road(self) -> str:
        """'identity → certificates'"""
        return f"{self.event.feed.split('.')[1]} → {self.knower}"


class Journeys:
    """Follows events and remembers every hop."""

    def __init__(self, departments: Departments, knowers: Mapping[str, Sequence[str]]) -> None:
        """`knowers`: feed -> departments that take it in."""
        self._departments = departments
        self._knowers = knowers
        self.published: list[Published] = []
        self.hops: list[Hop] = []

    async def follow(self, command: Exchange, feeds: Sequence[str]) -> list[Hop]:
        """Wait until the events of a command have arrived wherever they are taken in.

        `feeds`: of those of its events that are public, in order; the others stay private. Raises Unmet when they are
        published elsewhere, or do not arrive in time.
        """
        published = await self._published(command, len(feeds))
        what = Text(f"{command.route} 的公开事件", f"public events of {command.route}")
        expect(command.department, what, list(feeds), [one.feed for one in published])
        hops = [await self._arrival(one, knower) for one in published for knower in self._knowers.get(one.feed, ())]
        self.published += published
        self.hops += hops
        return hops

    async def caught_up(self, feed: str, count: int) -> None:
        """Wait until whoever takes in this feed has applied `count` of its events."""
        for knower in self._knowers.get(feed, ()):
            await self._caught_up(self._departments[knower], feed, count)

    async def _caught_up(self, knower: DepartmentClient, feed: str, count: int) -> None:
        await patience.until(
            lambda: knower.get("/health/ready"),
            lambda answer: answer.status == 200 and (answer.body["subscriptions"][feed]["checkpoint"] or 0) >= count,
            Text(f"{knower.name} 已收到 {feed} 的 {count} 个事件", f"{knower.name} has {count} events of {feed}"),
        )

    async def _published(self, command: Exchange, count: int) -> list[Published]:
        """Numbering takes a moment, and private events are never numbered: so look until `count` are there."""
        found: dict[UUID, Published] = {}
        deadline = time.monotonic() + patience.WITHIN
        while True:
            for event in (event for event in command.event_ids if event not in found):
                answer = await self._departments[command.department].get("/published/{event}", event=event)
                if answer.status == 200:
                    found[event] = Published(answer.body["feed"], answer.body["sequence"])
            if len(found) >= count or time.monotonic() > deadline:
                return [found[event] for event in command.event_ids if event in found]
            await asyncio.sleep(patience.LOOK)

    async def _arrival(self, event: Published, knower: str) -> Hop:
        answer = await patience.until(
            lambda: self._departments[knower].get(
                "/received/{feed}/{sequence}", feed=event.feed, sequence=event.sequence
            ),
            lambda answer: answer.status == 200,
            Text(f"{knower} 收到 {event.feed} #{event.sequence}", f"{knower} has {event.feed} #{event.sequence}"),
        )
        return Hop(event, knower, answer.body["milliseconds"])


async def who_takes_in(departments: Departments) -> dict[str, list[str]]:
    """Feed -> departments that take it in, as they say of themselves."""
    knowers: dict[str, list[str]] = {}
    for name, department in departments.items():
        for feed in (await department.get("/health/ready")).must()["subscriptions"]:
            knowers.setdefault(feed, []).append(name)
    return knowers
