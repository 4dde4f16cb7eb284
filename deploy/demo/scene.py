"""What a story stands on: departments to ask, events to follow, someone who tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.demo.actors import Actor
from deploy.demo.departments import Departments
from deploy.demo.exchange import Exchange
from deploy.demo.journeys import Hop, Journeys
from deploy.demo.teller import Teller, Told
from deploy.sign_up import Entrance
from shared.standards.text import Language, Text

SYSTEM = Text("系统", "system")


@dataclass(slots=True)
class Scene:
    departments: Departments
    journeys: Journeys
    teller: Teller
    at_entrance: Entrance | None = None
    exchanges: list[Exchange] = field(default_factory=list)  # told so far

    @property
    def entrance(self) -> Entrance:
        """Where people sign up. Of a stage with a stack only."""
        assert self.at_entrance is not None
        return self.at_entrance

    def actor(self, called: Text, token: str | None = None, language: Language = "zh-CN") -> Actor:
        return Actor(called, self.departments, token, language)

    async def tell(self, actor: Actor, sentence: Text, exchange: Exchange, feeds: Sequence[str] = ()) -> list[Hop]:
        """One step, once its events (`feeds`: where those that are public go) are known wherever they are taken in."""
        hops = await self.journeys.follow(exchange, feeds) if feeds else []
        self.exchanges.append(exchange)
        self.teller.told(Told(actor.called, sentence, exchange, tuple(hops)))
        return hops

    def say(self, sentence: Text, actor: Text = SYSTEM) -> None:
        """Something that was no request."""
        self.teller.told(Told(actor, sentence))
