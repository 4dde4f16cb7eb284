"""Wires a department's memory to the road: store, sequencer, relays, subscriptions, history, topology keeper.

Every instance serves requests, writes and answers history; one leads (`Leadership`) and does the rest.
The broker may be away at any time, also at the start: commands are accepted, the road is taken up when it is back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.continuity.keeper import Continuity
from shared.continuity.known import answer_known
from shared.continuity.lost_keys import LostKeys
from shared.continuity.neighbours import Neighbour
from shared.continuity.recovery import Recovery
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Broken
from shared.contracts.event import Event
from shared.contracts.feed import Contract
from shared.contracts.member import Member
from shared.contracts.person_key import FieldKeys
from shared.contracts.sharing_file import SharingFile
from shared.department.beside_answers import BesideAnswers
from shared.department.beside_events import beside_events
from shared.department.duties import Duties, Duty, EndedItself, name_of
from shared.department.engine_state import COMMANDS, DUTIES, REQUESTS, EngineState, SubscriptionState
from shared.department.key_road import KeyRoad
from shared.department.service import Service
from shared.eventstore import erased_keys, hosts
from shared.eventstore.database import Pool, migrate, require_schema
from shared.eventstore.dropped_keys import listening
from shared.eventstore.group_commit import GroupCommit
from shared.eventstore.leader import Leadership, is_settled
from shared.eventstore.ledger import Ledger
from shared.eventstore.ledger_keeper import LedgerKeeper
from shared.eventstore.ledger_signer import LedgerSigner, settled
from shared.eventstore.master_keys import Masters
from shared.eventstore.passing import kept
from shared.eventstore.person_keys import PersonKeys
from shared.eventstore.pools import instance_pools, key_pool
from shared.eventstore.read_model import ReadModel
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.standing import Standing
from shared.eventstore.store import Store
from shared.eventstore.tasks import end
from shared.eventstore.timer_poller import TimerPoller
from shared.eventstore.wake import Wake, WakeByType
from shared.inspection.inspector import Inspector
from shared.messaging import asyncapi, following, heads
from shared.messaging.broker import broker
from shared.messaging.foreign import api_of
from shared.messaging.handling import Handling
from shared.messaging.hardened import harden
from shared.messaging.heads import Head
from shared.messaging.history import answer_history
from shared.messaging.ledger_pages import answer_pages, told_head
from shared.messaging.prompt_subscriber import PromptSubscriber, add_prompt_subscriber
from shared.messaging.publisher import BROKER_ERRORS
from shared.messaging.rebuilds_due import RebuildsDue
from shared.messaging.relay import FeedRelay, wake_of
from shared.messaging.stamps import Stamps
from shared.messaging.subscription import Subscription
from shared.messaging.topology import TopologyKeeper
from shared.messaging.witness import Witness

log = structlog.get_logger(__name__)

RoadDuty = Callable[[Client], Awaitable[None]]
STOP_WITHIN = 5.0  # seconds for the broker to let us go
IDENTITY = "identity"
SILENT_AFTER = 15.0  # seconds without a head of identity, which comes every 2


class Engine:
    """`async with Engine(...)`: inside, `store` takes commands and `pool` answers questions.

    `async with engine.prepared()` does so only after `stand`, which supersedes instances of another release.
    """

    store: Store
    pool: Pool  # what requests ask
    duty_pool: Pool  # what the leader works with, so that no request is in its way
    ledger: Ledger

    def __init__(
        self,
        service: Service,
        *,
        database_url: str,
        nats_url: str,
        sharing_file: Path,
        jurisdiction: str | None = None,
        database_owner_url: str | None = None,
        stream_replicas: int = 1,
        extra_read_models: Sequence[ReadModel] = (),
        contracts: Sequence[Contract] = CONTRACTS,
        ledger_key: Ed25519PrivateKey | Path | None = None,
        key_masters: Masters | None = None,
    ) -> None:
        """Without `jurisdiction` it is of the sharing catalogue's. Without `ledger_key`, a key or the file it lies
        in, heads are not signed, so no neighbour witnesses this department. Without `key_masters` personal fields are
        not sealed: every department that is run has them."""
        self.service = service
        self._sharing_file = SharingFile(sharing_file, contracts)
        self.sharing = self._sharing_file.catalogue
        for remark in self.sharing.remarks:
            log.warning("sharing catalogue", remark=remark)
        self.registry = service.registry(
            contracts, jurisdiction=jurisdiction or self.sharing.jurisdiction, sharing=self.sharing
        )
        self.member = self.registry.member
        self.neighbours = tuple(map(str, self.sharing.neighbours_of(self.member)))
        self.signer = LedgerSigner(str(self.member), ledger_key) if ledger_key else None
        self._stamps = Stamps(self.signer)
        self.read_models = (*extra_read_models, *service.read_models)
        self._beside_events = beside_events(service, self.registry, self.read_models)
        self.handling = Handling(self.registry, self._beside_events, service.reactions)
        self._database_url = database_url
        self._database_owner_url = database_owner_url
        self._replicas = stream_replicas
        self.key_masters = key_masters
        self._keys: PersonKeys | None = None  # of persons; None: nothing is sealed
        self._broker = broker(nats_url, self.member)
        self._connected = asyncio.Event()
        self._heard_identity = monotonic()
        self._timers_wake = Wake()
        self._committed = Wake(self._timers_wake)
        self._arrivals = WakeByType()
        self._leadership = Leadership(database_url, service.name)
        self.duties = Duties(service.name)
        self._own_duties: dict[str, Duty] = {}
        self._continuity: Continuity | None = None  # of the present leadership
        self.beside_answers = BesideAnswers()
        self._exit = AsyncExitStack()
        self._inspector: Inspector | None = None
        self._is_stopping = False

    @property
    def listens_to(self) -> list[str]:
        """Full names of the foreign feeds whose events a read model or reaction wants."""
        return self.handling.listens_to

    def add_duty(self, duty: Duty) -> None:
        """Something only the leader does, for ever. Call before leadership begins, that is, from `on_start`."""
        name = name_of(duty)
        while name in self._own_duties:
            name += "'"
        self._own_duties[name] = duty

    def use_inspector(self, inspector: Inspector) -> None:
        """For a department that takes files of strangers. It ends with the engine; call from `on_start`."""
        self._inspector = inspector
        self._exit.push_async_callback(inspector.close)

    @property
    def inspector(self) -> Inspector:
        if self._inspector is None:
            raise Broken(f"{self.service.name} takes no files: use_inspector was not called")
        return self._inspector

    @property
    def has_inspector(self) -> bool:
        return self._inspector is not None

    def waking(self, *events: type[Event]) -> Wake:
        """Set once such an event, own or another's, is stored here: what a duty waits for beside its slow look."""
        return self._arrivals.waking(map(self.registry.type_of, events))

    async def __aenter__(self) -> Self:
        await self._prepare()
        try:
            await self.stand()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Self]:
        """Everything is made, and the read models are built; they do not stand yet."""
        await self._prepare()
        try:
            yield self
        finally:
            await self._exit.aclose()

    async def stand(self) -> None:
        """Let the read models stand; from here on commands are taken."""
        await self.standing.stand()
        if erasure := self.service.erasure:
            await erased_keys.carry_out_again(self.duty_pool, self.registry, erasure.events)

    def stop_soon(self) -> None:
        """Say that this instance is about to end; it serves as before."""
        self._is_stopping = True

    async def _prepare(self) -> None:
        async with AsyncExitStack() as stack:
            if self._database_owner_url:
                await migrate(
                    self._database_owner_url, urlsplit(self._database_url).username or "", self.member.jurisdiction
                )
            self.pool, self.duty_pool, writing = [
                await stack.enter_async_context(pool)
                for pool in instance_pools(self._database_url, self.service.name, kept(self.read_models))
            ]
            self.pools = {REQUESTS: self.pool, DUTIES: self.duty_pool, COMMANDS: writing}
            self.ledger = Ledger(self.pool)
            await require_schema(self.pool)
            if self.key_masters is not None:
                keys = await stack.enter_async_context(key_pool(self._database_url, self.service.name))
                self._keys = PersonKeys(keys, str(self.member), self.key_masters)
                self.registry.sealing = self._keys
                self.registry.withheld = lambda: self._sharing_file.look().withheld
            await settled(self.pool, self.signer, str(self.member))
            self._make_the_road()
            async with self._keys_coming():
                self.standing = await stack.enter_async_context(
                    Standing(
                        self._database_url,
                        self.service.name,
                        self.read_models,
                        self.registry,
                        None if self._keys is None else listening(self._keys),
                    )
                )
            writer = await stack.enter_async_context(GroupCommit(writing, self._beside_events, self._committed))
            self.store = Store(self.pool, self.registry, writer, loading=writing)
            stack.push_async_callback(self.store.finish)
            stack.push_async_callback(self.beside_answers.end)
            stack.push_async_callback(self._leave_the_road)
            self._exit = stack.pop_all()

    @asynccontextmanager
    async def _keys_coming(self) -> AsyncIterator[None]:
        """While read models are built before anybody leads: once one waits for a key, its provider is asked here."""
        keys, road = self._keys, self._key_road

        async def bring() -> None:
            if keys is not None and road is not None:
                await keys.missed.wait()
                await self._broker.connect()
                harden(self.client)
                await self.duties.run({name: partial(work, self.client) for name, work in road.listening().items()})

        bringing = asyncio.create_task(bring(), name="keys for a build")
        try:
            yield
        except BaseException:
            await end(bringing)
            await self._leave_the_road()
            raise
        await end(bringing)

    async def start(self) -> None:
        """Take up the road and campaign for leadership, in the background."""
        if self.signer is None:
            log.warning("heads are not signed: nobody can witness this department; set LEDGER_KEY_FILE")
        kept: dict[str, Duty] = {"connection": self._take_up_the_road, "leadership": self._campaign}
        if hosts.are_several(self._database_url):
            kept["promoted server"] = partial(hosts.follow, self._database_url)
        for name, duty in kept.items():
            self._exit.push_async_callback(end, asyncio.create_task(self.duties.keep(name, duty), name=name))

    async def __aexit__(self, *_: object) -> None:
        """Leadership ends first, then the road, then the writer with what it still holds, then the pool."""
        await self._exit.aclose()

    def _make_the_road(self) -> None:
        own = self.registry.own_feeds
        self._relays = {feed.local_name: FeedRelay(self.duty_pool, feed, self._stamps) for feed in own}
        self._sequencer = Sequencer(self.duty_pool, self.registry, wake_of(self._relays), self._arrivals.came)
        self._keeper = TopologyKeeper(
            self._relays, lambda feed: self._sharing_file.look().subscribers(feed), self._replicas
        )
        self._rebuilds = RebuildsDue(self.duty_pool, self._database_url, self.read_models, self.registry)
        self.subscriptions = {
            feed.full_name: Subscription(
                feed.full_name,
                self.duty_pool,
                self.handling,
                self._committed,
                lambda: self.client,
                self._arrivals.came,
                self._rebuilds.wake.set,
            )
            for feed in self.handling.foreign_feeds
        }
        self._readers: dict[str, PromptSubscriber] = {}
        for feed in self.handling.foreign_feeds:
            reader = add_prompt_subscriber(
                self._broker,
                subject=feed.subject,
                api=api_of(feed.member),
                stream=feed.jetstream,
                durable=self.member.dashed,
                title=feed.full_name,
                description=f"{feed.title.zh} / {feed.title.en}: received by {self.service.name}",
            )
            reader(self.subscriptions[feed.full_name].receive)
            self._readers[feed.full_name] = reader
        self._key_road: KeyRoad | None = None
        if self._keys is not None and self.key_masters is not None:
            self._key_road = KeyRoad(
                self.duty_pool,
                self.member,
                self._keys,
                self.key_masters,
                self._given,
                self._replicas,
                self.handling,
            )
            self._key_road.declare(self._broker, {feed.member for feed in self.handling.foreign_feeds})
        asyncapi.declare(self._broker, own, self.registry)
        is_ready = partial(is_settled, self.duty_pool)
        answer_history(self._broker, self.duty_pool, own, is_ready, self._stamps)
        if self.signer is not None:
            answer_pages(self._broker, self.ledger, self.signer, self.member, is_ready)
        answer_known(self._broker, self.duty_pool, self.member, self.neighbours, self._keys)
        self._witnesses = {name: Witness(self.duty_pool, name) for name in self.neighbours}

    def _given(self) -> Mapping[Member, FieldKeys]:
        """Present readers of our feeds, and what each is given of them."""
        return self._sharing_file.look().readers_of(self.member)

    @property
    def client(self) -> Client:
        """The NATS connection."""
        client: Client = self._broker.config.connection_state.connection
        return client

    async def _take_up_the_road(self) -> None:
        """nats-py tries for ever; meanwhile everything else works."""
        await self._broker.connect()
        harden(self.client)
        for subscriber in self._broker.subscribers:
            if not isinstance(subscriber, PromptSubscriber):
                await subscriber.start()
        identity = Member(self.member.jurisdiction, IDENTITY)
        await self.client.subscribe(heads.subject(str(identity)), cb=self._hear_identity)
        if self._key_road is not None:
            await self._key_road.answer(self.client)
        self._connected.set()
        log.info("broker connected", department=self.service.name)

    async def _leave_the_road(self) -> None:
        with suppress(TimeoutError, *BROKER_ERRORS):
            async with asyncio.timeout(STOP_WITHIN):
                await self._broker.stop()

    async def _campaign(self) -> None:
        await self.standing.while_it_holds(self._leadership.run(self._lead))
        if not self.standing.is_superseded:
            raise EndedItself("campaigning for leadership has ended")

    async def _lead(self) -> None:
        """Each duty on its own: what befalls one ends no other. Leadership ends with its lock alone."""
        self._continuity = continuity = self._new_continuity()
        for subscription in self.subscriptions.values():
            subscription.forget()
        duties: dict[str, Duty] = {
            "sequencer": lambda: self._sequencer.run(self._committed, self._leadership),
            "ledger keeper": LedgerKeeper(self.duty_pool).run,
            "building anew": self._rebuilds.run,
            "timers": lambda: TimerPoller(self.duty_pool, self.store, self.service.timers).run(self._timers_wake),
        }
        duties |= {name: partial(self._once_connected, work) for name, work in self._listening().items()}
        duties = {
            name: partial(_after, continuity.may_number, work) for name, work in (duties | self._own_duties).items()
        }
        duties |= {
            name: partial(_after, continuity.may_publish, partial(self._once_connected, work))
            for name, work in self._telling().items()
        }
        await self.duties.run({"continuity": continuity.run} | duties)

    def _new_continuity(self) -> Continuity:
        own = self.registry.own_feeds
        return Continuity(
            self.duty_pool,
            own,
            [
                Neighbour(
                    str(one),
                    str(self.member),
                    [feed for feed in own if one in self.sharing.subscribers(feed)],
                    self.duty_pool,
                    self.signer,
                    self._stamps,
                )
                for one in self.sharing.witnesses_of(self.member)
            ],
            Recovery(self.duty_pool, self.registry, self._beside_events),
            connected=self._connected,
            client=lambda: self.client,
            renew=self._keeper.renew,
            settled=self._leadership.settled,
            changed=self._committed.set,
            lost_keys=self._lost_keys(),
        )

    def _lost_keys(self) -> LostKeys | None:
        if self._keys is None:
            return None
        return LostKeys(self._keys, str(self.member), [str(one) for one in self.sharing.witnesses_of(self.member)])

    def _telling(self) -> dict[str, RoadDuty]:
        """Duties that tell others something; they begin once the history is known to be whole."""
        add = [partial(told_head, self.ledger, self.signer)] if self.signer else []
        announcing = partial(
            heads.announce, pool=self.duty_pool, member=self.member, feeds=self.registry.own_feeds, add=add
        )
        return {
            "topology keeper": self._keeper.run,
            "announcing heads": announcing,
            **{f"relay of {name}": relay.run for name, relay in self._relays.items()},
            **(self._key_road.telling() if self._key_road else {}),
        }

    def _listening(self) -> dict[str, RoadDuty]:
        """Duties that take something in from others."""
        return {
            "hearing heads": partial(heads.listen, hear=self._hear),
            **{f"reader of {name}": partial(following.read, reader) for name, reader in self._readers.items()},
            **(self._key_road.listening() if self._key_road else {}),
            **{f"following {name}": partial(following.follow, one) for name, one in self.subscriptions.items()},
            **{f"witness of {name}": witness.run for name, witness in self._witnesses.items()},
            **{f"catching up {name}": partial(following.catch_up, one) for name, one in self.subscriptions.items()},
        }

    async def _once_connected(self, work: RoadDuty) -> None:
        await self._connected.wait()
        await work(self.client)

    async def _hear(self, head: Head) -> None:
        if self._continuity is not None:
            self._continuity.hear(head.member)
        if head.member in self._witnesses:
            self._witnesses[head.member].hear(head)

    async def _hear_identity(self, _: Msg) -> None:
        self._heard_identity = monotonic()

    @property
    def identity_is_away(self) -> bool:
        """Whether nothing of identity has been heard for a while: it is down, or the broker is."""
        return self.service.name != IDENTITY and monotonic() - self._heard_identity > SILENT_AFTER

    def state(self) -> EngineState:
        return EngineState(
            is_leading=self._leadership.is_leading,
            broker_connected=self._connected.is_set() and self.client.is_connected,
            is_superseded=self.standing.is_superseded,
            is_stopping=self._is_stopping,
            subscriptions={
                name: SubscriptionState(
                    subscription.checkpoint, subscription.trouble, subscription.head, reader.is_reading, reader.trouble
                )
                for (name, subscription), reader in zip(self.subscriptions.items(), self._readers.values(), strict=True)
            },
            storing={name: relay.trouble for name, relay in self._relays.items() if relay.trouble},
            anew={name: relay.anew_since for name, relay in self._relays.items() if relay.anew_since},
            keeping=self._keeper.trouble,
            duties=self.duties.troubles(),
            unproven=self._continuity.unproven if self._continuity else {},
            is_ledger_unsigned=self.signer is not None and self.signer.is_key_away,
            sharing_remarks=len(self._sharing_file.look().remarks),
            is_sharing_unread=self._sharing_file.trouble is not None,
        )

    def asyncapi(self) -> dict[str, Any]:
        """The AsyncAPI 3 document of the feeds this department publishes and receives."""
        return asyncapi.document(self._broker, self.service.contract)


async def _after(gate: asyncio.Event, work: Duty) -> None:
    await gate.wait()
    await work()
