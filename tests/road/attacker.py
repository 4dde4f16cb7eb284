"""One login, and what it aims at: a neighbour that gives it a feed, another reader there, a feed it is not given."""

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from nats.aio.msg import Msg

from shared.contracts.member import Member, MemberFeed
from shared.messaging.broker import inbox_of
from shared.messaging.foreign import api_of
from tests.road.broker import Broker, Login

ANSWER_WITHIN = 0.4  # seconds; on one machine an answer takes a few milliseconds
_numbers = itertools.count()


@dataclass
class Attacker:
    """Speaks plain NATS with its own credentials."""

    broker: Broker
    login: Login
    answers: list[str] = field(default_factory=list)  # what the road said to it

    @property
    def me(self) -> Member:
        return self.login.member

    @property
    def given(self) -> MemberFeed:
        """A feed of a neighbour's that it may read; one with other readers where there is one."""
        feeds = list(self.broker.catalogue.given_to(self.me))
        return next((feed for feed in feeds if self._others(feed)), feeds[0])

    @property
    def provider(self) -> Login:
        return self.broker.logins[self.given.member.dashed]

    @property
    def victim(self) -> tuple[MemberFeed, Member]:
        """A feed of the provider's, and who else reads it."""
        feeds = [self.given, *self.broker.catalogue.feeds_of(self.given.member)]
        feed = next(feed for feed in feeds if self._others(feed))
        return feed, self._others(feed)[0]

    @property
    def foreign(self) -> MemberFeed:
        """What it is not given, of a member that has a reader for it."""
        given = set(self.broker.catalogue.given_to(self.me))
        feeds = (feed for feed in self.broker.feeds() if feed not in given and feed.member != self.me)
        return next(feed for feed in feeds if self._others(feed))

    @property
    def own(self) -> MemberFeed | None:
        """A stream of its own; an integrator has none."""
        return next(iter(self.broker.catalogue.feeds_of(self.me)), None)

    @property
    def own_stream(self) -> str:
        """Its own, or the name that one would have."""
        return self.own.jetstream if self.own else f"{self.me.dashed}-mine"

    @property
    def own_subject(self) -> str:
        return self.own.subject_of("x.Attack") if self.own else f"events.{self.me}.mine.Attack"

    def api(self, provider: Member | None = None) -> str:
        """A neighbour's JetStream as it is seen from here."""
        return api_of(provider or self.given.member)

    def inbox(self) -> str:
        inbox = f"{inbox_of(self.me)}.attack.{next(_numbers)}"
        self.broker.inboxes[inbox] = self.login.name
        return inbox

    async def say(
        self, subject: str, body: Any = b"", *, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """And listen for nothing; what the server refuses is told after a `flush`."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.login.client.is_connected:
            await self.login.client.publish(subject, data, reply=reply, headers=headers)

    async def ask(self, subject: str, body: Any = b"") -> str:
        """What comes back, in a word or in the server's own; kept for the table."""
        reply = self.inbox()
        refusals = len(self.login.refused)
        await self.say(subject, body, reply=reply)
        answer = await self._answer(reply, refusals)
        self.answers.append(answer)
        return answer

    async def refusals(self) -> str:
        """How often the server refused since the last attack."""
        if self.login.client.is_connected:
            await self.login.client.flush()
        await asyncio.sleep(0.02)
        words = f"{len(self.login.refused)} refused" if self.login.refused else "let pass"
        self.answers.append(words)
        return words

    async def listen(self, subject: str) -> None:
        """What comes counts as taken."""

        async def take(message: Msg) -> None:
            self.login.came.append(message)

        if self.login.client.is_connected:
            await self.login.client.subscribe(subject, cb=take)
            await self.login.client.flush()

    async def _answer(self, reply: str, refusals: int) -> str:
        deadline = asyncio.get_running_loop().time() + ANSWER_WITHIN
        while asyncio.get_running_loop().time() < deadline:
            for message in self.login.came:
                if message.subject == reply:
                    return _words(message)
            if len(self.login.refused) > refusals:
                return "no permission"
            await asyncio.sleep(0.005)
        return "no answer"

    def _others(self, feed: MemberFeed) -> list[Member]:
        return [one for one in self.broker.catalogue.subscribers(feed) if one not in (self.me, feed.member)]


def _words(message: Msg) -> str:
    if status := (message.headers or {}).get("Status"):
        return {"503": "nobody there"}.get(status, f"{status} {(message.headers or {}).get('Description', '')}".strip())
    try:
        told = json.loads(message.data or b"{}")
    except ValueError:
        return "an answer"
    error = told.get("error") if isinstance(told, dict) else None
    return str(error["description"]) if error else "accepted"
