"""What is right in a small world after a step: nothing lost, doubled, skipped or untold, and everywhere the same.

*Gone* are events that a restored or promoted older database lacks and that nobody else had been given or had witnessed:
no road can bring these back (ADR 26), so they are counted and not held against anybody. Everything else that was ever
accepted, or held by a subscriber, has to be history, or be told: among the lost events of its department, as a phantom
of a subscriber. What is neither is *untold*.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from deploy.books import InBroker, Party, Unreachable, read_broker
from deploy.embedded.department_database import with_database
from deploy.reconcile import until_clean
from shared.eventstore.differences import differences
from tests.faults.commands import Command
from tests.faults.skipped import skipped
from tests.faults.verdict import Verdict, is_doubled, told_by
from tests.faults.walk.department import SERVICES
from tests.faults.walk.sailors import Sailors
from tests.faults.walk.world import NAMES, World
from tests.until import until

PATIENCE = 60.0  # seconds within which all departments are the same again

EVENTS = """
select e.id, e.type, e.metadata ->> 'request' as request, e.metadata ->> 'causation_id' as cause,
       l.leaf, l.feed, l.sequence
from events e left join log l using (stream, version)
"""
INBOX = "select id, type, feed, sequence from inbox order by feed, sequence"
WITNESSED = "select leaves from witnessed"
TOLD = """
select id, null::bytea as leaf from phantoms union all
select id, leaf from lost_events
"""
WAITING = "select (select count(*) from parked) + (select count(*) from rebuilds_due) + (select count(*) from outbox)"
CALM = """
select (select count(*) from outbox) + (select count(*) from rebuilds_due) as waiting,
       (select coalesce(max(sequence), 0) from log) as logged,
       (select coalesce(max(published), 0) from relay) as published,
       (select coalesce(max(sequence), 0) from checkpoints) as taken
"""
SIZE = "select (select count(*) from events) + (select count(*) from inbox)"
ALARMS = "select kind from witness_alarms"
DISORDERED = """
select count(*) from log one join log other
on one.stream = other.stream and one.version < other.version and one.position > other.position
"""
LED_TO = {
    "customs": ("harbour.CratesUnloaded", "customs.CratesInspected"),
    "harbour": ("customs.CratesInspected", "harbour.HarbourNoted"),
}


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Holdings:
    """What one department's database holds."""

    events: Mapping[UUID, Row]
    inbox: Mapping[UUID, Row]
    leaves: frozenset[bytes]  # that it has witnessed of the other one

    @classmethod
    async def of(cls, url: str) -> "Holdings":
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                events = {row["id"]: dict(row) for row in await connection.fetch(EVENTS)}
                inbox = {row["id"]: dict(row) for row in await connection.fetch(INBOX)}
                witnessed = [row["leaves"] for row in await connection.fetch(WITNESSED)]
        finally:
            await connection.close()
        leaves = frozenset(row[at : at + 32] for row in witnessed for at in range(0, len(row), 32))
        return cls(events, inbox, leaves)


@dataclass
class Books:
    """They live as long as the world."""

    world: World
    sailors: Sailors
    seen: set[UUID] = field(default_factory=set)  # by a subscriber, at any time
    told: set[UUID] = field(default_factory=set)  # by their id or leaf, as lost or as phantoms
    gone: set[UUID] = field(default_factory=set)
    must: set[UUID] = field(default_factory=set)  # an older database lacked it, somebody else knew it
    leaves: dict[bytes, UUID] = field(default_factory=dict)

    async def look(self, urls: Mapping[str, str] | None = None) -> dict[str, Holdings]:
        """At databases as they are, and remember it."""
        urls = urls or {name: self.world.databases[name].admin_url for name in NAMES}
        found = {name: await Holdings.of(url) for name, url in urls.items()}
        for holdings in found.values():
            self.seen |= holdings.inbox.keys()
            self.leaves |= {row["leaf"]: id for id, row in holdings.events.items() if row["leaf"] is not None}
        return found

    async def size(self, name: str) -> int:
        """How many events it holds, its own and others'."""
        connection = await asyncpg.connect(self.world.databases[name].admin_url)
        try:
            held: int = await connection.fetchval(SIZE)
            return held
        finally:
            await connection.close()

    def copy_of(self, name: str) -> str:
        database = self.world.databases[name]
        return with_database(database.admin_url, f"{database.name}_old")

    async def published(self) -> dict[str, InBroker]:
        """By local name of a feed, what the broker's stream holds now."""
        far: dict[str, InBroker] = {}
        for party in self.world.parties:
            try:
                far |= {name.partition(".")[2]: held for name, held in (await read_broker(party)).items()}
            except Unreachable:
                continue  # it holds nothing that could be asked
        return far

    def lose(
        self, before: Mapping[str, Holdings], after: Mapping[str, Holdings], broker: Mapping[str, InBroker]
    ) -> int:
        """What older databases lack, and nobody else has, is gone. Returns how many events."""
        gone = unknown_to_all(before, after, broker)
        lacking = {id for name in before for id in before[name].events.keys() - after[name].events.keys()}
        self.must |= lacking - gone
        self.gone |= gone
        return len(gone)

    async def judge(self, *, rebuilds: bool) -> tuple[Verdict, int]:
        """Wait until all is the same, then look. Returns how many are untold as well."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        parties = self.world.parties
        with suppress(AssertionError):
            await until(self._is_calm, timeout=PATIENCE, every=0.1)
        accounts = await until_clean(parties, self.world.catalogue, PATIENCE, lambda _: None)
        verdict = Verdict(differences=told_by(accounts), caught_up_in=loop.time() - began)
        try:
            await self._look_at_all(verdict, parties)
            if rebuilds:
                verdict.rebuilt = await self._rebuilt(parties)
        except (Unreachable, OSError, asyncpg.PostgresError) as error:
            verdict.troubles.append(f"a database cannot be read: {type(error).__name__}")
        verdict.troubles += self.sailors.failures
        self.sailors.failures.clear()
        return verdict, len(self._untold)

    async def _is_calm(self) -> bool:
        """A cheap look whether it is worth while to compare all."""
        calm: dict[str, asyncpg.Record] = {}
        for name in NAMES:
            try:
                connection = self._open.get(name)
                if connection is None or connection.is_closed():
                    connection = self._open[name] = await asyncpg.connect(self.world.databases[name].admin_url)
                row = await connection.fetchrow(CALM)
                assert row is not None
                calm[name] = row
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._open.pop(name, None)
                return False  # on its way back
        return all(
            not row["waiting"] and row["logged"] == row["published"] == calm[other]["taken"]
            for (name, row) in calm.items()
            for other in NAMES
            if other != name
        )

    async def _look_at_all(self, verdict: Verdict, parties: Sequence[Party]) -> None:
        found = await self.look()
        history = found["harbour"].events.keys() | found["customs"].events.keys()
        for name in NAMES:
            await self._look_inside(name, verdict)
            consequences(found[name], *LED_TO[name], verdict)
        self.gone -= history  # decided again, under the same id
        self._untold = (self.seen | self.must) - history - self.told
        told_of = {id for command in self.sailors.commands for id in command.accepted}
        lost = told_of - history - self.told - self.gone
        verdict.lost += len(lost)
        verdict.doubled += sum(_is_doubled(sent) for sent in self._by_request(found["harbour"]))
        stands = [one for one in self.sailors.denied if one.accepted & history]
        verdict.troubles += [f"{one.request}: accepted, then refused under the same key" for one in stands]
        self.sailors.denied.clear()
        verdict.skipped = await skipped(parties, self.world.catalogue, has_settled=not verdict.differences)

    def _by_request(self, harbour: Holdings) -> Sequence[tuple[Command, Mapping[UUID, str]]]:
        stored: dict[str, dict[UUID, str]] = {}
        for id, row in harbour.events.items():
            if row["request"] is not None:
                stored.setdefault(row["request"], {})[id] = row["type"]
        return [(command, stored.get(command.request, {})) for command in self.sailors.commands]

    async def _look_inside(self, name: str, verdict: Verdict) -> None:
        connection = await asyncpg.connect(self.world.databases[name].admin_url)
        try:
            for row in await connection.fetch(TOLD):
                self.told |= {row["id"], self.leaves.get(row["leaf"])} - {None}
            if waiting := await connection.fetchval(WAITING):
                verdict.troubles.append(f"{name}: {waiting} parked, due or not numbered")
            if disordered := await connection.fetchval(DISORDERED):
                verdict.troubles.append(f"{name}: {disordered} events numbered before earlier ones of their stream")
            kinds = Counter(row["kind"] for row in await connection.fetch(ALARMS))
            verdict.troubles += [f"{name}: {number} alarms: {kind}" for kind, number in kinds.items()]
        finally:
            await connection.close()

    async def _rebuilt(self, parties: Sequence[Party]) -> list[str]:
        return [
            f"{party.name} as rebuilt: {difference}"
            for party in parties
            for model in SERVICES[party.name].read_models
            for difference in await differences(party.database_url, model, party.registry, most=3)
        ]

    _untold: set[UUID] = field(default_factory=set)
    _open: dict[str, asyncpg.Connection] = field(default_factory=dict)


def _is_doubled(sent: tuple[Command, Mapping[UUID, str]]) -> bool:
    command, stored = sent
    return command.is_ambiguous or is_doubled(command, stored)


def unknown_to_all(
    before: Mapping[str, Holdings], after: Mapping[str, Holdings], broker: Mapping[str, InBroker]
) -> set[UUID]:
    """Events that databases held before and do not hold after, and that neither broker nor neighbour knows of."""
    gone = set()
    for name in before:
        others = [holdings for other, holdings in after.items() if other != name]
        for id, row in before[name].events.items():
            stream = broker.get(row["feed"], InBroker())
            is_known = (
                id in after[name].events
                or (row["feed"] is not None and stream.after < row["sequence"] <= stream.last)
                or any(id in other.inbox or row["leaf"] in other.leaves for other in others)
            )
            if not is_known:
                gone.add(id)
    return gone


def consequences(holdings: Holdings, cause: str, effect: str, verdict: Verdict) -> None:
    """Each cause that was taken in has one effect."""
    causes = {str(id) for id, row in holdings.inbox.items() if row["type"] == cause}
    effects = Counter(row["cause"] for row in holdings.events.values() if row["type"] == effect and row["cause"])
    verdict.lost += sum(not effects[one] for one in causes)
    verdict.doubled += sum(number > 1 for number in effects.values())
