"""What is right in a small world after a step: nothing lost, doubled, skipped or untold, and everywhere the same."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from deploy.books import Party, Unreachable
from deploy.embedded.department_database import with_database
from deploy.reconcile import until_clean
from shared.contracts.errors import TongbanError
from shared.eventstore.differences import differences
from shared.eventstore.person_keys import PersonKeys
from shared.eventstore.pools import key_pool
from shared.messaging.witness_store import STANDING
from tests.faults.commands import Command
from tests.faults.losses import Holdings, Losses
from tests.faults.skipped import skipped
from tests.faults.verdict import Verdict, is_doubled, told_by
from tests.faults.walk.department import service_of
from tests.faults.walk.keys import trouble_with_keys
from tests.faults.walk.sailors import Sailors
from tests.faults.walk.trade import MASTER
from tests.faults.walk.world import NAMES, World
from tests.until import until

PATIENCE = 60.0  # seconds within which all departments are the same again

WAITING = """
select (select count(*) from parked) + (select count(*) from rebuilds_due) + (select count(*) from outbox)
     + (select count(*) from key_outbox)
"""
CALM = """
select (select count(*) from outbox) + (select count(*) from rebuilds_due)
         + (select count(*) from key_outbox) as waiting,
       (select coalesce(max(sequence), 0) from log) as logged,
       (select coalesce(max(published), 0) from relay) as published,
       (select coalesce(max(sequence), 0) from checkpoints) as taken
"""
SIZE = "select (select count(*) from events) + (select count(*) from inbox)"
DISORDERED = """
select count(*) from log one join log other
on one.stream = other.stream and one.version < other.version and one.position > other.position
"""
LED_TO = {
    "customs": ("harbour.CratesUnloaded", "customs.CratesInspected"),
    "harbour": ("customs.CratesInspected", "harbour.HarbourNoted"),
}


@dataclass
class Books:
    """They live as long as the world."""

    world: World
    sailors: Sailors
    losses: Losses = field(default_factory=Losses)

    async def look(self) -> dict[str, Holdings]:
        """At the databases as they are."""
        return await self.losses.look({name: self.world.databases[name].admin_url for name in NAMES})

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

    async def judge(self, *, rebuilds: bool) -> Verdict:
        """Wait until all is the same, then look."""
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
        except (Unreachable, OSError, asyncpg.PostgresError, TongbanError) as error:
            verdict.troubles.append(f"a database cannot be read: {type(error).__name__}")
        verdict.troubles += self.sailors.failures
        self.sailors.failures.clear()
        return verdict

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
        untold = self.losses.untold(history)
        verdict.untold = len(untold)
        kinds = Counter(self.losses.types[id] for id in untold)
        verdict.troubles += [f"untold: {number} {kind}" for kind, number in kinds.items()]
        accepted = {id for command in self.sailors.commands for id in command.accepted}
        urls = {name: self.world.databases[name].admin_url for name in NAMES}
        verdict.troubles += await trouble_with_keys(urls, self.sailors.forgotten, self.losses.keys_gone)
        verdict.lost += len(accepted - history - self.losses.excused)
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
        url = self.world.databases[name].admin_url
        await self.losses.listen(url)
        connection = await asyncpg.connect(url)
        try:
            if waiting := await connection.fetchval(WAITING):
                verdict.troubles.append(f"{name}: {waiting} parked, due or not numbered")
            if disordered := await connection.fetchval(DISORDERED):
                verdict.troubles.append(f"{name}: {disordered} events numbered before earlier ones of their stream")
            kinds = Counter(row["kind"] for row in await connection.fetch(STANDING))
            verdict.troubles += [f"{name}: {number} alarms: {kind}" for kind, number in kinds.items()]
        finally:
            await connection.close()

    async def _rebuilt(self, parties: Sequence[Party]) -> list[str]:
        found = []
        for party in parties:
            async with key_pool(party.database_url, f"{party.name} walk") as pool:
                party.registry.sealing = PersonKeys(pool, str(party.registry.member), lambda: (MASTER,))
                for model in service_of(party.name, self.world.release_of(party.name)).read_models:
                    differ = await differences(party.database_url, model, party.registry, most=3)
                    found += [f"{party.name} as rebuilt: {difference}" for difference in differ]
        return found

    _open: dict[str, asyncpg.Connection] = field(default_factory=dict)


def _is_doubled(sent: tuple[Command, Mapping[UUID, str]]) -> bool:
    command, stored = sent
    return command.is_ambiguous or is_doubled(command, stored)


def consequences(holdings: Holdings, cause: str, effect: str, verdict: Verdict) -> None:
    """Each cause that was taken in has one effect."""
    causes = {str(id) for id, row in holdings.inbox.items() if row["type"] == cause}
    effects = Counter(row["cause"] for row in holdings.events.values() if row["type"] == effect and row["cause"])
    verdict.lost += sum(not effects[one] for one in causes)
    verdict.doubled += sum(number > 1 for number in effects.values())
