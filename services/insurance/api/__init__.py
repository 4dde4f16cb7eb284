"""HTTP in and out, by audience. No rules here."""

from litestar import Router

from services.insurance.api import counter, mine, money, settlement, window

ROUTES = Router(
    "/",
    route_handlers=[
        counter.ROUTES,
        window.quote,
        window.compare_quotes,
        window.settle,
        window.reverse,
        window.resettle,
        window.reconcile_day,
        settlement.show_one,
        settlement.print_one,
        mine.show_mine,
        mine.list_mine,
        mine.confirm,
        money.show_balance,
        money.show_clearing,
        money.close_month,
        money.pay_hospital,
        money.show_savings,
    ],
)
