"""A department's HTTP: its own routes, and what every department answers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from shared.department import (
    documents,
    health,
    journey,
    ledger,
    missing_keys_api,
    parked,
    phantoms,
    stuck_list,
    witnessing,
)
from shared.department.day_quota import COMMANDING, DayQuota, size_of
from shared.department.door import Shape
from shared.department.edge import Edge
from shared.department.engine import Engine
from shared.department.exchange import exchange_of
from shared.department.gate import Gate
from shared.department.limits import LARGEST_BODY
from shared.department.metrics import Metrics
from shared.department.powers import FRAME, Guard
from shared.department.problems import answer
from shared.department.reading import BoundedRequest, Parameters, model_of_body, shape_of
from shared.department.request import Giver, givers
from shared.department.responses import JsonResponse
from shared.department.service import Service
from shared.department.settings import Settings
from shared.department.vitals import Vitals


def build_app(
    engine: Engine, service: Service, settings: Settings, vitals: Vitals, metrics: Metrics, gate: Gate
) -> Litestar:
    """The ASGI application. The engine must have been entered."""
    given = givers(engine, settings, vitals)
    guard = Guard(service.name, {**FRAME, **service.powers})
    quota = DayQuota(
        engine.pool,
        settings.citizen_commands_a_day,
        settings.citizen_kilobytes_a_day,
        settings.staff_commands_a_day,
    )

    async def allow(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Runs before body and parameters are read."""
        scope: Any = connection.scope
        if scope["method"] == "OPTIONS":  # tells which methods there are, to anyone
            return
        row = guard.row(scope["method"], scope["path_template"])
        if not row.anyone:
            caller = await given["caller"](connection)  # type: ignore[arg-type]  # an HTTP route's connection is a request
            exchange = exchange_of(scope)
            exchange.power = guard.check(caller, row)
            if scope["method"] in COMMANDING:
                await quota.spend(caller, size_of(exchange.headers), datetime.now(UTC))

    app = Litestar(
        route_handlers=[
            *service.routes,
            health.live,
            health.ready,
            journey.published,
            journey.received,
            ledger.ROUTES,
            parked.ROUTES,
            missing_keys_api.ROUTES,
            stuck_list.ROUTES,
            witnessing.ROUTES,
            phantoms.ROUTES,
            documents.asyncapi,
            documents.asyncapi_json,
            documents.openapi_json,
        ],
        guards=[allow],
        dependencies={name: Provide(giver) for name, giver in given.items()},
        exception_handlers={Exception: answer},
        openapi_config=None,  # see documents.py
        request_max_body_size=LARGEST_BODY,
        request_class=BoundedRequest,
        response_class=JsonResponse,
        logging_config=None,
    )
    guard.check_routes(app)
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            _bound(route)
            _give_directly(route, given)
    metrics.know_routes([route.path_format for route in app.routes if isinstance(route, HTTPRoute)])
    app.state["documents"] = documents.Documents(app, engine, service.contract, guard)
    app.asgi_handler = Edge(
        app.asgi_handler, settings.trusted_proxies, metrics.measure if settings.metrics_port else None, gate
    )
    return app


def _bound(route: HTTPRoute) -> None:
    """Look at the names of parameters first of all; make the body's model from the JSON itself."""
    for handler, parameters in route.route_handler_map.values():
        fields = handler.parsed_fn_signature.parameters
        known = {
            one.field_alias: shape_of(fields[one.field_name]) if one.field_name in fields else Shape((), is_list=False)
            for one in parameters.expected_query_params
        }
        parameters.extractors.insert(0, Parameters(known))
        parameters.has_kwargs = True  # type: ignore[assignment]  # else nobody would look
        if model := model_of_body(fields.get("data")):
            parameters.extractors.append(model)


def _give_directly(route: HTTPRoute, given: Mapping[str, Giver]) -> None:
    """Hand over what the frame gives, with path and body, before Litestar looks at other dependencies.

    Litestar would run them in a task group and convert the arguments of each: half of a request's time. A service's
    own dependencies stay with Litestar and may build on ours.
    """
    for _, parameters in route.route_handler_map.values():
        wanted = [one for batch in parameters.dependency_batches for one in batch]
        ours = {one.key: given[one.key] for one in wanted if one.key in given}
        if not ours:
            continue

        async def give(
            values: dict[str, Any], request: ASGIConnection[Any, Any, Any, Any], ours: Mapping[str, Giver] = ours
        ) -> None:
            for name, giver in ours.items():
                values[name] = await giver(request)  # type: ignore[arg-type]  # an HTTP route's connection is a request

        parameters.extractors.append(give)
        parameters.dependency_batches = [{one} for one in wanted if one.key not in ours]
