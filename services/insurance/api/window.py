"""A hospital's window: quote, compare, settle, reverse, settle anew, reconcile."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.insurance.api.bodies import Anew, BillBody, Comparison, DayList, Reversal
from services.insurance.api.held_answers import HeldShown, show_held
from services.insurance.api.quote_answers import ComparisonShown, QuoteShown, show_comparison, show_quote
from services.insurance.api.serving import window_of
from services.insurance.api.settlement_answers import SettlementShown, held_of, settled_of, show_settlement
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, State, settlement_of
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


@post("/settlements", tags=["window"], summary="结算 / settle a bill, or have it held; again: how it stands now")
async def settle(
    data: JSONBody[BillBody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SettlementShown | HeldShown]:
    """201: settled. 202: held (待核实) with its reasons: no fund pays and nothing counts until two officers of the
    place of insurance have decided. The same bill number again is answered by how it stands now: settled, held,
    refused; or undone since, and then a new bill number is needed."""
    window = await window_of(store, pool, power, data.hospital)
    done = await window.settle(data.id_number, data.claim(), now, context)
    return await _told(store, done, settlement_of(window.hospital.code, data.bill_number), status=201)


@post("/settlements/{settlement:uuid}/reverse", status_code=200, tags=["window"], summary="冲销 / undo the latest one")
async def reverse(
    settlement: FromPath[UUID],
    data: JSONBody[Reversal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[SettlementShown | HeldShown]:
    """Only the person's latest one of the year. A held bill (待核实) is taken back by it."""
    window = await window_of(store, pool, power, data.hospital)
    return await _told(store, await window.reverse(settlement, data.reason, now, context), settlement)


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
) -> Response[SettlementShown | HeldShown]:
    """By filing and class as they are on record now; it shows what is paid back. Where that is held (待核实, 202), the
    settlement stands until it is released."""
    window = await window_of(store, pool, power, data.hospital)
    done = await window.settle_anew(settlement, data.reason, now, context, is_emergency=data.is_emergency)
    return await _told(store, done, settlement)


async def _told(
    store: Store, done: Done[State], bill: UUID, status: int = 200
) -> Response[SettlementShown | HeldShown]:
    """What the command came to; where it stored nothing, or came again, how the bill stands."""
    loaded = await store.load(done.stream, INSURED)
    assert isinstance(loaded.state, Insured)
    waiting = held_of(loaded.state, done.events, bill)
    if waiting is not None:
        is_held = waiting.status == "held"
        return stored(done, show_held(loaded.state, waiting, loaded.events), status=202 if is_held else status)
    recorded = settled_of(loaded.state, loaded.events, done.events, bill)
    return stored(done, show_settlement(loaded.events, recorded), status=status)


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
