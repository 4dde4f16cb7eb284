"""HTTP in and out, by audience. No rules here."""

from litestar import Router
from litestar.di import NamedDependency, Provide

from services.insurance.api import clearing, counter, held, mine, money, payments, repayments, settlement, window
from services.insurance.payments import Payments
from services.insurance.treasury import Treasury
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


def routes(bank: Payments) -> Router:
    async def treasury(store: NamedDependency[Store], pool: NamedDependency[Pool]) -> Treasury:
        return Treasury(store, pool, bank)

    return Router(
        "/",
        dependencies={"treasury": Provide(treasury)},
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
            mine.name_account,
            money.show_balance,
            money.show_savings,
            held.list_all,
            held.show_one,
            held.print_one,
            held.propose,
            held.confirm,
            repayments.list_all,
            repayments.propose,
            repayments.confirm,
            clearing.show_month,
            clearing.propose_close,
            clearing.close_month,
            clearing.propose_payments,
            clearing.pay_month_again,
            payments.propose_payment,
            payments.pay_hospital,
            payments.list_payments,
        ],
    )
