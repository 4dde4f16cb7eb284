"""A department's part in the road of keys: it takes in those that providers give, and gives its own."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

from faststream.nats import NatsBroker
from nats.aio.client import Client

from shared.contracts.member import Member
from shared.eventstore.database import Connection, Pool
from shared.eventstore.master_keys import Masters
from shared.eventstore.person_keys import PersonKeys
from shared.messaging import following
from shared.messaging.foreign import api_of
from shared.messaging.handling import Handling
from shared.messaging.key_reader import KeyReader
from shared.messaging.key_teller import KeyTeller, Readers, answer_asks
from shared.messaging.prompt_subscriber import PromptSubscriber, add_prompt_subscriber
from shared.messaging.taking_back import build_anew

RoadDuty = Callable[[Client], Awaitable[None]]


class KeyRoad:
    """Of one instance. `listening` and `telling` are duties of the leader."""

    def __init__(
        self,
        pool: Pool,
        member: Member,
        keys: PersonKeys,
        masters: Masters,
        readers: Readers,
        replicas: int,
        handling: Handling,
    ) -> None:
        self._pool = pool
        self._member = member
        self._keys = keys
        self._given = readers
        self._handling = handling
        self._teller = KeyTeller(pool, member, masters, readers, keys.changed, replicas)
        self._readers: dict[str, tuple[KeyReader, PromptSubscriber]] = {}

    def declare(self, broker: NatsBroker, providers: Iterable[Member]) -> None:
        """Subscribers for the keys that these give."""
        for provider in sorted(set(providers)):
            name = f"keys of {provider}"
            reader = KeyReader(provider, self._member, self._keys, self._anew)
            subscriber = add_prompt_subscriber(
                broker,
                subject=reader.feed.subject_for(self._member),
                api=api_of(provider),
                stream=reader.feed.jetstream,
                durable=self._member.dashed,
                title=name,
                description=name,
                is_told=False,
            )
            subscriber(reader.receive)
            self._readers[name] = reader, subscriber

    async def _anew(self, connection: Connection, feeds: set[str]) -> None:
        await build_anew(connection, feeds, self._handling)

    async def answer(self, client: Client) -> None:
        """Every instance answers who asks for keys."""
        await answer_asks(client, self._pool, self._member, self._given, self._keys.changed)

    def telling(self) -> Mapping[str, RoadDuty]:
        return {"telling keys": self._teller.run}

    def listening(self) -> Mapping[str, RoadDuty]:
        duties: dict[str, RoadDuty] = {}
        for name, (reader, subscriber) in self._readers.items():
            duties[f"reader of {name}"] = partial(following.read, subscriber)
            duties[f"asking for {name}"] = reader.run
        return duties
