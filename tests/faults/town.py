"""A running stack with staff and people, ready for faults: on plain servers, on a small disk, on three brokers."""

import os
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.reach import Reached, reach_all
from deploy.reconcile import party
from deploy.runner.kept import Kept
from deploy.runner.stack import Stack
from deploy.seed.plant import plant
from deploy.seed.plant_seals import plant_seals
from deploy.seed.samples import sample_people, sample_staff
from deploy.sharing import SHARING_FILE
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.sharing import Catalogue, read_catalogue
from tests.faults.commands import Client, Record
from tests.faults.load import VILLAGES, Town, newcomers
from tests.faults.losses import Losses
from tests.faults.own_sharing import own_sharing
from tests.faults.tokens import Tokens
from tests.faults.verdict import settled

REGISTRAR = "zhengding.registrar"
REVIEWERS = dict(zip(VILLAGES, ("tayuanzhuang.reviewer", "xibaitang.reviewer"), strict=True))
AT_ONCE = 1000  # people an import
STARTS_WITHIN = 240.0  # seconds, on a machine that has much else to do

MakeStack = Callable[[Path], Stack]


def ordinary(directory: Path) -> Stack:
    return Stack(directory, sharing_file=own_sharing(directory), tell=lambda _: None)


@dataclass
class Scene:
    """What a fault has to work with."""

    stack: Stack
    town: Town
    departments: Sequence[Reached]
    catalogue: Catalogue
    rng: random.Random
    quick: bool = False
    losses: Losses | None = None  # of a fault after which a database is older than it was

    def department(self, name: str) -> Reached:
        return next(one for one in self.departments if one.name == name)

    def kept(self, name: str) -> Kept:
        """A server or department as the runner keeps it."""
        servers = {"postgres": self.stack.postgres_kept, "nats": self.stack.nats_kept}
        return servers[name] if name in servers else self.stack._departments[name]

    async def halt(self, name: str) -> None:
        await self.kept(name).stop()

    async def resume(self, name: str) -> None:
        await self.kept(name).start(self.stack._group)

    async def enter(self, how_many: int, client: Client) -> list[tuple[UUID, str]]:
        """Enter so many people through the bulk import. Returns whom it entered, with their village."""
        entered = []
        for start in range(0, how_many, AT_ONCE):
            people = newcomers(self.town.numbers, min(AT_ONCE, how_many - start))
            report = await client.command("identity", "/people/import", people, self.town.tokens.registrar)
            assert report is not None, "the registrar may enter people"
            assert not report["rejected"], report["rejected"][:3]
            entered += [(UUID(row["person"]), people[row["line"] - 1]["division"]) for row in report["entered"]]
        return entered


@asynccontextmanager
async def opened(directory: Path, seed: int, *, people: int = 300, make: MakeStack = ordinary) -> AsyncIterator[Scene]:
    """A stack in `directory`, with staff and people. Each person sends more than one may in a day."""
    os.environ.setdefault("CITIZEN_COMMANDS_A_DAY", "1000000")
    os.environ.setdefault("STAFF_COMMANDS_A_DAY", "1000000")
    os.environ.setdefault("CITIZEN_KILOBYTES_A_DAY", "1000000")
    async with make(directory) as stack:
        await stack.ready(STARTS_WITHIN)
        yield await _settled_in(stack, random.Random(seed), people)


async def _settled_in(stack: Stack, rng: random.Random, people: int) -> Scene:
    await plant(stack.addresses["identity"], stack.secrets, sample_staff(), sample_people())
    await plant_seals(stack.addresses, stack.secrets, sample_staff())
    tokens = await Tokens.of(stack.secrets, stack.addresses["identity"], REGISTRAR, REVIEWERS)
    departments = reach_all(stack.data_dir)
    catalogue = read_catalogue(SHARING_FILE, CONTRACTS)
    scene = Scene(stack, Town(tokens), departments, catalogue, rng)
    client = Client(stack.addresses, Record(), rng)
    try:
        scene.town.people = await scene.enter(people, client)
    finally:
        await client.close()
    await settled([party(department) for department in departments], catalogue, 60)
    return scene
