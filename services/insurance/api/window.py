"""A hospital's window: quote, compare, settle, reverse, settle anew, reconcile."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.insurance.api.bodies import Anew, BillBody, Comparison, DayList, Reversal
from services.insurance.api.quote_answers import ComparisonShown, QuoteShown, show_comparison, show_quote
from services.insurance.api.serving import window_of
from services.insurance.api.settlement_answers import (
    SettlementShown,
    last_settled,
    show_settlement,
)
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import State
from services.insurance.domain.reconciliation import Entry, reconcile
from services.insurance.read_models.settlements import settled_on
from services.insurance.window import Supposed
from shared.department.answer import Answer
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.money import Yuan


@post("/quotes", status_code=200, tags=["window"], summary="预结算 / what a bill would come to; nothing is stored")
async def quote(
    data: JSONBody[BillBody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> QuoteShown:
    window = await window_of(store, pool, power, data.hospital)
    [quoted] = await window.quote(data.id_number, [Supposed(data.claim())], now)
    return show_quote(quoted)


@post("/quotes/compare", status_code=200, tags=["window"], summary="对比试算 / one bill under two suppositions")
async def compare_quotes(
    data: JSONBody[Comparison],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> ComparisonShown:
    bill = data.bill
    window = await window_of(store, pool, power, bill.hospital)
    supposed = [Supposed(bill.claim(one.discharged_on), one.filing) for one in data.variants]
    first, second = await window.quote(bill.id_number, supposed, now)
    return show_comparison(first, second)


@post("/settlements", tags=["window"], summary="结算 / settle a bill; the same bill number gives the same answer")
async def settle(
    data: JSONBody[BillBody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SettlementShown]:
    window = await window_of(store, pool, power, data.hospital)
    return await _told(store, await window.settle(data.id_number, data.claim(), now, context), status=201)


@post("/settlements/{settlement:uuid}/reverse", status_code=200, tags=["window"], summary="冲销 / undo the latest one")
async def reverse(
    settlement: FromPath[UUID],
    data: JSONBody[Reversal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SettlementShown]:
    window = await window_of(store, pool, power, data.hospital)
    return await _told(store, await window.reverse(settlement, data.reason, now, context))


@post(
    "/settlements/{settlement:uuid}/resettle",
    status_code=200,
    tags=["window"],
    summary="重新结算 / the same bill as the patient's status is now; shows the refund",
)
async def resettle(
    settlement: FromPath[UUID],
    data: JSONBody[Anew],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SettlementShown]:
    window = await window_of(store, pool, power, data.hospital)
    done = await window.settle_anew(settlement, data.reason, now, context, is_emergency=data.is_emergency)
    return await _told(store, done)


async def _told(store: Store, done: Done[State], status: int = 200) -> Response[SettlementShown]:
    events = (await store.load(done.stream, INSURED)).events
    return stored(done, show_settlement(events, last_settled(done, events)), status=status)


class EntryShown(Answer):
    bill_number: str
    total: Yuan
    fund: Yuan
    person: Yuan


class DifferenceShown(Answer):
    bill_number: str
    theirs: EntryShown
    ours: EntryShown


class ReconciliationShown(Answer):
    """`missing_here`: on the hospital's list only; `missing_there`: settled here only."""

    agreed: int
    missing_here: list[EntryShown]
    missing_there: list[EntryShown]
    differing: list[DifferenceShown]


@post("/reconciliations", status_code=200, tags=["window"], summary="对账 / a day's list against what is settled here")
async def reconcile_day(
    data: JSONBody[DayList],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
) -> ReconciliationShown:
    window = await window_of(store, pool, power, data.hospital)
    theirs = [Entry(one.bill_number, one.total, one.fund, one.person) for one in data.entries]
    found = reconcile(theirs, await settled_on(pool, window.hospital.code, data.day))
    return ReconciliationShown(
        agreed=found.agreed,
        missing_here=[_entry(one) for one in found.missing_here],
        missing_there=[_entry(one) for one in found.missing_there],
        differing=[
            DifferenceShown(bill_number=one.bill_number, theirs=_entry(one.theirs), ours=_entry(one.ours))
            for one in found.differing
        ],
    )


def _entry(entry: Entry) -> EntryShown:
    return EntryShown(bill_number=entry.bill_number, total=entry.total, fund=entry.fund, person=entry.person)
