"""The two small departments of the walk, each a process: forked from one that has loaded everything, to start quickly.

    python -m tests.faults.walk.department

reads one JSON object a line, and forks a department for each; the process id is the answer. A department takes
commands, one JSON object a line, on a port of its own. It dies with the process that forked it.
"""

import asyncio
import ctypes
import os
import signal
import sys
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.continuity import limits
from shared.contracts.errors import Refused
from shared.contracts.event import Metadata
from shared.department.engine import Engine
from shared.department.service import Service
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.messaging import alignment, heads
from tests.faults.walk.trade import CONTRACTS, FORGET_SHIP, MASTER, SERVICES, Forget
from tests.sample import SHIP, Arrive, Note, Unload

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


OLDER, NEWER = 1, 2  # releases: the newer one keeps its read models in another version
KEYS = {name: Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n, name in enumerate(SERVICES, start=7)}


def service_of(name: str, release: int) -> Service:
    """As that release has it."""
    service = SERVICES[name]
    models = tuple(replace(model, version=model.version - OLDER + release) for model in service.read_models)
    return replace(service, read_models=models)


@dataclass(frozen=True)
class Place:
    """What a department is started with."""

    name: str
    port: int
    database_url: str
    owner_url: str
    nats_url: str
    sharing_file: str
    log: str
    release: int = OLDER


@dataclass(frozen=True)
class Order:
    """A command for harbour, as it stands on the wire."""

    key: str
    stream: str
    what: str
    crates: int = 0
    at: str = ""  # when a ship is forgotten: by the sender's clock, for the department's own may jump


def command_of(order: Order) -> Arrive | Unload | Note:
    match order.what:
        case "arrive":
            return Arrive(order.crates)
        case "unload":
            return Unload(order.crates)
        case _:
            return Note(order.what)


async def answer(engine: Engine, line: bytes) -> dict[str, Any]:
    """`ids` of the events, `refused`, or `again`: it may be sent once more."""
    order = Order(**orjson.loads(line))
    context = Context(Metadata(request=order.key), key=order.key)
    done: Done[Any]
    try:
        if order.what == "forget":
            ship = order.stream.partition("-")[2]
            command = Forget(UUID(ship), datetime.fromisoformat(order.at))
            done = await engine.store.execute(FORGET_SHIP.stream(ship), FORGET_SHIP, command, context)
        else:
            done = await engine.store.execute(order.stream, SHIP, command_of(order), context)
    except Refused as refusal:
        return {"refused": refusal.code}
    except Exception as error:  # noqa: BLE001 - whatever it is, the client tries again
        return {"again": f"{type(error).__name__}: {error}"}
    return {"ids": [str(event.id) for event in done.events]}


async def serve(place: Place) -> None:
    """Until killed, or asked to end."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    engine = Engine(
        service_of(place.name, place.release),
        database_url=place.database_url,
        database_owner_url=place.owner_url,
        nats_url=place.nats_url,
        sharing_file=Path(place.sharing_file),
        contracts=CONTRACTS,
        ledger_key=KEYS[place.name],
        key_masters=lambda: (MASTER,),
    )
    async with engine:
        await engine.start()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    writer.write(orjson.dumps(await answer(engine, line)) + b"\n")
                    await writer.drain()
            except OSError:
                return
            finally:
                writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", place.port):
            await ended.wait()


def become(place: Place) -> None:
    """The forked process is this department from now on."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    limits.ASK_AGAIN = 0.5  # waits that are meant for a road of many members
    heads.EVERY = 0.3
    alignment.COMES_BACK_WITHIN = 2.0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(20), cache_logger_on_first_use=False)
    code = 1
    try:
        asyncio.run(serve(place))
        code = 0
    except BaseException as error:  # noqa: BLE001 - nothing may run on in a forked process
        sys.stderr.write(f"{place.name} ended: {type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is no zombie
    for line in sys.stdin.buffer:
        if (pid := os.fork()) == 0:
            become(Place(**orjson.loads(line)))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def on_the_wire(told: Place | Order) -> bytes:
    return orjson.dumps(asdict(told)) + b"\n"


def ids_in(told: dict[str, Any]) -> frozenset[UUID]:
    return frozenset(map(UUID, told["ids"]))


if __name__ == "__main__":
    main()
