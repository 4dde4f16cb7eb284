"""Running a department: `run(SERVICE)` in its `__main__.py`."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial

import structlog
import uvicorn
from litestar import Litestar

from shared.contracts.catalogue import CONTRACTS
from shared.contracts.errors import Misconfigured
from shared.contracts.feed import Contract
from shared.department import garbage, logs, loop_lag, metrics_port
from shared.department.app import build_app
from shared.department.connections import Bounds, bounded
from shared.department.engine import Engine
from shared.department.metrics import Metrics
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

FINISH_WITHIN = 8  # seconds for requests under way; container runtimes kill after 10

FRAME_READ_MODELS = (SIGNING_KEYS, STAFF)
"""Kept by every department beside its own."""

WRONG_SETTINGS = 2  # exit codes
NO_DATABASE = 4  # 3 is uvicorn's, for a port in use


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT: then take no more requests, finish those under way, close the engine.

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
    async with opened(service, settings) as (engine, app):
        garbage.search_seldom()
        if engine.has_inspector:
            engine.inspector.warm_soon()
        log.info("serving", host=settings.http_host, port=settings.http_port)
        await _Server(_uvicorn(app, settings)).serve()
    log.info("stopped")


@contextlib.asynccontextmanager
async def opened(
    service: Service, settings: Settings, *, contracts: Sequence[Contract] = CONTRACTS
) -> AsyncIterator[tuple[Engine, Litestar]]:
    """The engine with its HTTP, started: what `run` serves and what tests talk to."""
    async with Engine(
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
    ) as engine:
        for hook in service.on_start:
            await hook(engine, settings)
        engine.add_duty(partial(keep_tidy, engine.pool))
        vitals = Vitals(engine, settings.database_url)
        metrics = Metrics(engine, vitals, settings.release)
        app = build_app(engine, service, settings, vitals, metrics)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(vitals.close)
            if settings.metrics_port:
                watching = asyncio.create_task(loop_lag.watch(metrics.loop_lag.observe), name="loop lag")
                stack.push_async_callback(end, watching)
                at = settings.metrics_host, settings.metrics_port
                await stack.enter_async_context(metrics_port.served(metrics, vitals, *at))
            await engine.start()
            yield engine, app


def _uvicorn(app: Litestar, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=bounded(Bounds()),
        ws="none",
        lifespan="off",  # a department starts and stops with its engine
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_WITHIN,
    )


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own raises the signal again once it has served, which would kill us before the engine is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
