"""Two small departments to try the engine with: `harbour` logs ships, `customs` listens and answers."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.errors import Refused
from shared.contracts.event import OF_THE_STREAM, Event, Personal, Recorded
from shared.contracts.feed import Contract, Feed
from shared.contracts.member import Member, MemberFeed
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore.aggregate import Aggregate, Instruction
from shared.eventstore.read_model import ReadModel, Statement
from shared.messaging.reaction import Reaction
from shared.standards.text import Text


class ShipArrived(Event):
    person_field = OF_THE_STREAM

    ship: Personal[str]
    crates: int = 0


class CratesUnloaded(Event):
    person_field = OF_THE_STREAM

    ship: Personal[str]
    crates: int


class HarbourNoted(Event):
    """Private."""

    person_field = OF_THE_STREAM

    text: Personal[str]


class CratesInspected(Event):
    person_field = OF_THE_STREAM

    ship: Personal[str]
    crates: int


HARBOUR_FEED = Feed("harbour", "ships", Text("船舶", "ships"), (ShipArrived, CratesUnloaded))
SHIPS_FEED = MemberFeed(Member("local", "harbour"), HARBOUR_FEED)
HARBOUR = Contract("harbour", Text("港口", "harbour"), (HARBOUR_FEED,))
CUSTOMS_FEED = Feed("customs", "inspections", Text("查验", "inspections"), (CratesInspected,))
CUSTOMS_MEMBER = Member("local", "customs")
CUSTOMS = Contract("customs", Text("海关", "customs"), (CUSTOMS_FEED,))
CONTRACTS = (HARBOUR, CUSTOMS)


@dataclass(frozen=True)
class Arrive:
    crates: int = 0


@dataclass(frozen=True)
class Unload:
    crates: int


@dataclass(frozen=True)
class Note:
    text: str


@dataclass(frozen=True)
class Ship:
    """None crates: it has not arrived."""

    name: str = ""
    crates: int | None = None


def decide_ship(ship: Ship, command: Arrive | Unload | Note) -> Sequence[Event]:
    match ship, command:
        case _, Note(text):
            return [HarbourNoted(text=text)]
        case Ship(crates=None), Arrive(crates):
            return [ShipArrived(ship="a ship", crates=crates)]
        case Ship(crates=None), _:
            raise Refused("not_arrived", "船舶尚未到港", "the ship has not arrived")
        case Ship(), Arrive():
            return []
        case Ship(crates=left), Unload(crates) if left is not None and crates <= left:
            return [CratesUnloaded(ship="a ship", crates=crates)]
        case _:
            raise Refused("too_many", "没有那么多货箱", "there are not so many crates")


def evolve_ship(ship: Ship, event: Event) -> Ship:
    match event:
        case ShipArrived(ship=name, crates=crates):
            return Ship(name, crates)
        case CratesUnloaded(crates=crates) if ship.crates is not None:
            return Ship(ship.name, ship.crates - crates)
        case _:
            return ship


SHIP: Aggregate[Ship, Arrive | Unload | Note] = Aggregate("ship", Ship(), decide_ship, evolve_ship)


def decide_inspection(done: int, crates: int) -> Sequence[Event]:
    return [CratesInspected(ship="a ship", crates=crates)]


def evolve_inspection(done: int, event: Event) -> int:
    return done + event.crates if isinstance(event, CratesInspected) else done


INSPECTION: Aggregate[int, int] = Aggregate("inspection", 0, decide_inspection, evolve_inspection)


def inspect(event: Recorded) -> Iterable[Instruction]:
    if isinstance(event.data, CratesUnloaded):
        yield Instruction(INSPECTION, event.subject_id, event.data.crates)


INSPECT = Reaction("inspect", (CratesUnloaded,), inspect)


def project_ships(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ShipArrived(crates=crates):
            yield "arrived", (event.stream, crates)
        case CratesUnloaded(crates=crates):
            yield "unloaded", (event.stream, event.version, crates)


SHIPS = ReadModel.beside(
    str(Path(__file__).with_name("sample_ships.py")),
    version=1,
    events=(ShipArrived, CratesUnloaded),
    project=project_ships,
)

HARBOUR_SERVICE = Service(HARBOUR, private_events=(HarbourNoted,), read_models=(SHIPS,))
CUSTOMS_SERVICE = Service(CUSTOMS, read_models=(SHIPS,), reactions=(INSPECT,))

SHARING = """
members: [harbour, customs]
feeds:
  harbour.ships: {attribute: unconditional, basis: sample, subscribers: [customs]}
  customs.inspections: {attribute: unconditional, basis: sample, subscribers: [harbour]}
"""
NOWHERE = "nats://127.0.0.1:9"  # the discard port: nobody listens


def not_entered(
    service: Service,
    database: DepartmentDatabase,
    tmp_path: Path,
    nats_url: str = NOWHERE,
    *,
    ledger_key: Ed25519PrivateKey | Path | None = None,
    contracts: Sequence[Contract] = CONTRACTS,
    shared: str = SHARING,
) -> Engine:
    """A sample department on a database; without a broker unless one is named."""
    sharing = tmp_path / ("sharing.yaml" if shared == SHARING else "sharing-newer.yaml")
    sharing.write_text(shared)
    return Engine(
        service,
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=nats_url,
        sharing_file=sharing,
        contracts=contracts,
        ledger_key=ledger_key,
    )


@asynccontextmanager
async def engine(
    service: Service,
    database: DepartmentDatabase,
    tmp_path: Path,
    nats_url: str = NOWHERE,
    *,
    started: bool = True,
    ledger_key: Ed25519PrivateKey | Path | None = None,
    contracts: Sequence[Contract] = CONTRACTS,
    shared: str = SHARING,
) -> AsyncIterator[Engine]:
    """The same, entered."""
    async with not_entered(
        service, database, tmp_path, nats_url, ledger_key=ledger_key, contracts=contracts, shared=shared
    ) as running:
        if started:
            await running.start()
        yield running
