"""HTTP in and out, by audience. No rules here."""

from litestar import Router

from services.cases.api import bureau, citizen, drafts, taking_in

ROUTES = Router("/", route_handlers=[*citizen.HANDLERS, *drafts.HANDLERS, *taking_in.HANDLERS, *bureau.HANDLERS])
