"""What this department does with foreign events: its read models and its reactions, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts import envelope
from shared.contracts.envelope import Received
from shared.contracts.registry import Registry
from shared.eventstore import read_model
from shared.eventstore.database import Connection
from shared.eventstore.read_model import ReadModel
from shared.messaging import reacting
from shared.messaging.reaction import Reaction


@dataclass(frozen=True)
class Handling:
    """The rooms of a department that look outward."""

    registry: Registry
    models: Sequence[ReadModel]
    reactions: Sequence[Reaction]

    @property
    def listens_to(self) -> list[str]:
        """Full names of the foreign feeds whose events a read model or reaction wants."""
        wanted = {event for model in self.models for event in model.events}
        wanted |= {event for reaction in self.reactions for event in reaction.events}
        feeds = {self.registry.feed_of(event) for event in wanted}
        return sorted(feed.full_name for feed in feeds if feed and feed.department != self.registry.department)

    async def handle(self, connection: Connection, received: Sequence[Received]) -> int:
        """Returns how many events of our own it led to. Raises Poison, whatever our rooms raise, and the database's
        errors."""
        events = [envelope.decode(message, self.registry) for message in received]
        await read_model.group(self.models, events).run(connection)
        return await reacting.run(connection, self.reactions, events, self.registry, self.models)
