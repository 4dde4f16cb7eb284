"""Running a department: `run(SERVICE)` in its `__main__.py`."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
import uvicorn
from litestar import Litestar

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Misconfigured
from shared.contracts.feed import Contract
from shared.department import garbage, logs, loop_lag, metrics_port
from shared.department.app import build_app
from shared.department.engine import Engine
from shared.department.gate import Gate
from shared.department.metrics import Metrics
from shared.department.server import Server
from shared.department.service import Service
from shared.department.settings import Settings, load
from shared.department.signing_keys import SIGNING_KEYS
from shared.department.staff import STAFF
from shared.department.tidying import keep_tidy
from shared.department.tracing import traced
from shared.department.vitals import Vitals
from shared.eventstore.tasks import end
from shared.eventstore.transient import AWAY

log = structlog.get_logger(__name__)

FRAME_READ_MODELS = (SIGNING_KEYS, STAFF)
"""Kept by every department beside its own."""

WRONG_SETTINGS = 2  # exit codes
NO_DATABASE = 4  # 3 is uvicorn's, for a port in use


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT: then drain, take no more requests, finish those under way, close the engine.

    Ends the process with 2 for wrong settings and 4 without a database, each told in one line on standard error.
    """
    try:
        settings = load(service.settings)
        logs.configure(settings, service.name)
        garbage.search_seldom()  # what follows may build read models from all events
        with (
            traced(settings, service.name),
            asyncio.Runner(loop_factory=uvicorn.Config("", log_config=None).get_loop_factory()) as runner,
        ):
            runner.run(_serve(service, settings))
    except Misconfigured as error:
        print(f"{service.name} cannot start: {error}", file=sys.stderr)
        sys.exit(WRONG_SETTINGS)
    except AWAY as error:
        print(f"{service.name} cannot start: its database does not answer ({type(error).__name__})", file=sys.stderr)
        sys.exit(NO_DATABASE)


async def _serve(service: Service, settings: Settings) -> None:
    """It listens before it supersedes anybody: from then on nobody else can take commands."""
    async with made(service, settings) as one:
        garbage.search_seldom()
        if one.engine.has_inspector:
            one.engine.inspector.warm_soon()

        async def open_up() -> None:
            await one.open()
            log.info("serving", host=settings.http_host, port=settings.http_port)

        await Server(
            one.app,
            settings.http_host,
            settings.http_port,
            opening=open_up,
            leaving=one.leave,
            drain_seconds=settings.drain_seconds,
        ).serve()
    log.info("stopped")


@dataclass(frozen=True, slots=True)
class Made:
    """An instance with all it needs to serve, and closed."""

    engine: Engine
    app: Litestar
    gate: Gate
    start: Callable[[], Awaitable[None]]

    async def open(self) -> None:
        """Let the read models stand, and serve."""
        self.gate.hold()
        await self.start()
        self.gate.open()

    def leave(self) -> None:
        """Say that it ends soon."""
        self.engine.stop_soon()
        self.gate.drain()


@contextlib.asynccontextmanager
async def opened(
    service: Service, settings: Settings, *, contracts: Sequence[Contract] = CONTRACTS
) -> AsyncIterator[tuple[Engine, Litestar]]:
    """The engine with its HTTP, started: what tests talk to."""
    async with made(service, settings, contracts=contracts) as one:
        await one.open()
        yield one.engine, one.app


@contextlib.asynccontextmanager
async def made(
    service: Service, settings: Settings, *, contracts: Sequence[Contract] = CONTRACTS
) -> AsyncIterator[Made]:
    engine = Engine(
        service,
        database_url=settings.database_url,
        database_owner_url=settings.database_owner_url,
        nats_url=settings.nats_url,
        sharing_file=settings.sharing_file,
        jurisdiction=settings.jurisdiction,
        stream_replicas=settings.stream_replicas,
        extra_read_models=FRAME_READ_MODELS,
        contracts=contracts,
        ledger_key=settings.ledger_key_file,
        key_masters=settings.key_masters,
    )
    async with engine.prepared():
        for hook in service.on_start:
            await hook(engine, settings)
        engine.add_duty(partial(keep_tidy, engine.pool))
        vitals = Vitals(engine, settings.database_url)
        metrics = Metrics(engine, vitals, settings.release)
        gate = Gate()
        app = build_app(engine, service, settings, vitals, metrics, gate)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(vitals.close)
            if settings.metrics_port:
                watching = asyncio.create_task(loop_lag.watch(metrics.loop_lag.observe), name="loop lag")
                stack.push_async_callback(end, watching)
                at = settings.metrics_host, settings.metrics_port
                await stack.enter_async_context(metrics_port.served(metrics, vitals, *at))

            async def start() -> None:
                await engine.stand()
                for hook in service.on_standing:
                    await hook(engine, settings)
                await engine.start()

            yield Made(engine, app, gate, start)
