"""Two departments in two releases: the mill counted sacks and now kilos, the bakery Fahrenheit and now Celsius."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from deploy.embedded.department_database import DepartmentDatabase
from shared.contracts.event import Event, Json, Recorded
from shared.contracts.feed import Contract, Feed
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore.aggregate import Aggregate, Instruction
from shared.eventstore.read_model import ReadModel, Statement, named_parts
from shared.eventstore.timer import DueTimer, Set, TimerRule
from shared.messaging.reaction import Reaction
from shared.standards.text import Text

NOWHERE = "nats://127.0.0.1:9"  # the discard port: nobody listens
SHARING = """
members: [mill, bakery]
feeds:
  mill.flour: {attribute: unconditional, basis: sample, subscribers: [bakery]}
"""
DAWN = datetime(2999, 1, 1, tzinfo=UTC)
FLOUR = """
-- tables
create table flour (stream text, version int, kilos int, primary key (stream, version));

-- ground
insert into {schema}.flour (stream, version, kilos) values ($1, $2, $3);
"""


class Old:
    """Schema 1."""

    class GrainGround(Event):
        sacks: int

        @property
        def kilos(self) -> int:
            return self.sacks * 50

    class OvenHeated(Event):
        fahrenheit: int

        @property
        def celsius(self) -> int:
            return round((self.fahrenheit - 32) / 1.8)


class New:
    """Schema 2: the same events, told otherwise."""

    class GrainGround(Event):
        schema_version: ClassVar[int] = 2
        kilos: int

    class OvenHeated(Event):
        schema_version: ClassVar[int] = 2
        celsius: int


def to_kilos(values: Json) -> Json:
    return {"kilos": values["sacks"] * 50}


def to_celsius(values: Json) -> Json:
    return {"celsius": round((values["fahrenheit"] - 32) / 1.8)}


@dataclass(frozen=True)
class Release:
    contracts: tuple[Contract, ...]
    mill: Service
    bakery: Service
    grain: Aggregate[int, int]  # state and command: kilos
    oven: Aggregate[int, int]  # state: the sum of all heats; command: the next


def release(number: int, *, flour: int | None = None) -> Release:
    """`flour` is the read model's version, that of the release unless named."""
    ground: type[Event] = Old.GrainGround if number == 1 else New.GrainGround
    heated: type[Event] = Old.OvenHeated if number == 1 else New.OvenHeated

    def decide_grain(_kilos: int, command: int) -> Sequence[Event]:
        return [Old.GrainGround(sacks=command // 50) if number == 1 else New.GrainGround(kilos=command)]

    def decide_oven(_heats: int, command: int) -> Sequence[Event]:
        fahrenheit = round(command * 1.8 + 32)
        return [Old.OvenHeated(fahrenheit=fahrenheit) if number == 1 else New.OvenHeated(celsius=command)]

    grain: Aggregate[int, int] = Aggregate("grain", 0, decide_grain, lambda kilos, event: kilos + kilos_of(event))
    oven: Aggregate[int, int] = Aggregate("oven", 0, decide_oven, lambda heats, event: heats + celsius_of(event))
    steps = {(ground, 1): to_kilos} if number == 2 else {}
    mill = Contract("mill", Text("磨坊", "mill"), (Feed("mill", "flour", Text("面粉", "flour"), (ground,)),), steps)
    bakery = Contract("bakery", Text("面包房", "bakery"), ())
    model = ReadModel("flour", flour or number, (ground,), project, named_parts(FLOUR, "flour"))
    return Release(
        (mill, bakery),
        Service(mill, read_models=(model,), timers=(TimerRule("sell", (ground,), schedule, sell(grain)),)),
        Service(
            bakery,
            private_events=(heated,),
            private_upcasts={(heated, 1): to_celsius} if number == 2 else {},
            read_models=(model,),
            reactions=(Reaction("bake", (ground,), lambda event: [Instruction(oven, "1", kilos_of(event.data))]),),
        ),
        grain,
        oven,
    )


def kilos_of(event: Event) -> int:
    return event.kilos if isinstance(event, Old.GrainGround | New.GrainGround) else 0


def celsius_of(event: Event) -> int:
    return event.celsius if isinstance(event, Old.OvenHeated | New.OvenHeated) else 0


def project(event: Recorded) -> Iterator[Statement]:
    yield "ground", (event.stream, event.version, kilos_of(event.data))


def schedule(event: Recorded) -> Iterator[Set]:
    yield Set("sell", DAWN + timedelta(minutes=kilos_of(event.data)))


def sell(grain: Aggregate[int, int]) -> Callable[[DueTimer], Instruction]:
    return lambda timer: Instruction(grain, timer.subject_id, 50)


@asynccontextmanager
async def engine(
    of: Release,
    service: Service,
    database: DepartmentDatabase,
    tmp_path: Path,
    nats_url: str = NOWHERE,
    *,
    started: bool = False,
) -> AsyncIterator[Engine]:
    sharing = tmp_path / "sharing.yaml"
    sharing.write_text(SHARING)
    async with Engine(
        service,
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        nats_url=nats_url,
        sharing_file=sharing,
        contracts=of.contracts,
    ) as running:
        if started:
            await running.start()
        yield running
