"""From a month's close to the money between regions: each statement is paid by one order, whose id follows from it.

Each region keeps its own book and pays out of its own account only.

The request that closes orders at once; should it be killed in between, the leader's sweep orders what is left.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.domain.clearing import (
    BOOK,
    CLEARING,
    ApprovePayments,
    Book,
    CloseMonth,
    Dues,
    ProposeClose,
    ProposePayments,
    Reckoned,
    first_day_after,
    payment_of,
    reckon,
)
from services.insurance.domain.events import Side
from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import NotOrdered, Pay, TurnedDown
from services.insurance.domain.postings import clearing_account
from services.insurance.read_models.clearing_items import dues_until, earliest_between
from services.insurance.read_models.clearing_statements import next_to_order, statement_of, statements_of
from services.insurance.treasury import Treasury
from shared.contracts.insurance import ClearingStatement
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.standards.money import ZERO


@dataclass(frozen=True, slots=True)
class Clearings:
    treasury: Treasury
    at_once: int = 100  # statements a page of the sweep

    async def book(self, region: str) -> Book:
        """Of a region of insurance, with what was closed for all regions in earlier days."""
        own = (await self.treasury.store.stand(CLEARING.stream(region), CLEARING)).state
        return own.after(await self._earlier(region))

    async def _earlier(self, region: str) -> Book:
        return (await self.treasury.store.stand(CLEARING.stream(BOOK), CLEARING)).state.of(region)

    async def stated(self, region: str, month: str) -> tuple[bool, Reckoned]:
        """Whether it is closed, and what it states; an open month, as things stand. Raises Invalid."""
        first_day_after(month)
        book = await self.book(region)
        if closed := book.months.get(month):
            return True, Reckoned(closed.statements, closed.corrections)
        pool = self.treasury.pool
        dues = await dues_until(pool, region, month)
        if month < book.last:
            return False, Reckoned()  # what belongs to it is in a later month
        if await earliest_between(pool, region, book.last, month) is None:
            return False, reckon(dues, book.stated)
        before = await dues_until(pool, region, previous(month))
        return False, reckon(dues, {pair: due.until for pair, due in before.items()})

    async def propose_close(
        self, region: str, month: str, officer: Officer, now: datetime, context: Context
    ) -> Done[Book]:
        """Another officer closes it."""
        known = await self._known(region, month)
        command = ProposeClose(region, month, *known, officer, now)
        return await self.treasury.store.execute(CLEARING.stream(region), CLEARING, command, context)

    async def close(self, region: str, month: str, officer: Officer, now: datetime, context: Context) -> Done[Book]:
        """Close it and order what it states. Closed before: what of it is not ordered yet is.

        What is owed back to this region waits for the officers of the region that owes it.
        """
        known = await self._known(region, month)
        command = CloseMonth(region, month, *known, officer, now)
        done = await self.treasury.store.execute(CLEARING.stream(region), CLEARING, command, context)
        closed = (await self.book(region)).months[month]
        for statement in closed.statements:
            if statement.amount > ZERO:
                await self.treasury.pay(order_of(month, statement, 1, now), Context(context.metadata))
        return done

    async def _known(self, region: str, month: str) -> tuple[Dues, str | None, Book]:
        """What came about until the month's end, the earliest open month before it, and what closed in earlier days."""
        first_day_after(month)
        pool, last = self.treasury.pool, (await self.book(region)).last
        open_before = await earliest_between(pool, region, last, month)
        return await dues_until(pool, region, month), open_before, await self._earlier(region)

    async def propose_payments(
        self, region: str, month: str, officer: Officer, now: datetime, context: Context
    ) -> Done[Book]:
        """To order once more what the bank rejected, and to order what this region owes back."""
        payments = tuple(sorted(await self._to_order(region, month)))
        command = ProposePayments(region, month, payments, officer, now)
        return await self.treasury.store.execute(CLEARING.stream(region), CLEARING, command, context)

    async def approve_payments(
        self, region: str, month: str, officer: Officer, now: datetime, context: Context
    ) -> Done[Book]:
        statements = await self._to_order(region, month)
        command = ApprovePayments(region, month, tuple(sorted(statements)), officer, now)
        done = await self.treasury.store.execute(CLEARING.stream(region), CLEARING, command, context)
        if done.events:
            for order, statement in statements.items():
                pay = order_of(month, statement, await self.treasury.next_attempt(order), now)
                await self.treasury.pay(pay, context.step(str(order)))
        return done

    async def _to_order(self, region: str, month: str) -> dict[UUID, ClearingStatement]:
        """Stated, this region's to pay, and neither on its way nor paid."""
        first_day_after(month)
        stated = await statements_of(self.treasury.pool, month, region)
        orders = {payment_of(month, one): one for one in stated if payer_of(one) == region}
        standing = {order: await self.treasury.state(order) for order in orders}
        return {order: one for order, one in orders.items() if isinstance(standing[order], NotOrdered | TurnedDown)}

    async def sweep(self, clock: Clock = utc_now) -> None:
        """Order whatever is stated and not ordered."""
        await go_through(
            "clearings to order",
            next_to_order,
            lambda place: self._order_stated(place.id, clock()),
            self.treasury.pool,
            clock,
            a_page=self.at_once,
        )

    async def _order_stated(self, payment: UUID, now: datetime) -> None:
        found = await statement_of(self.treasury.pool, payment)
        assert found is not None
        month, stated = found
        await self.treasury.pay(order_of(month, stated, 1, now), Context(self.treasury.itself))


def previous(month: str) -> str:
    """'2023-01' -> '2022-12'."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def payer_of(statement: ClearingStatement) -> str:
    """Whose bank account moves."""
    return statement.owed_by if statement.amount > ZERO else statement.owed_to


def order_of(month: str, statement: ClearingStatement, attempt: int, now: datetime) -> Pay:
    """Below zero, it goes the other way."""
    owing = payer_of(statement)
    owed = statement.owed_to if owing == statement.owed_by else statement.owed_by
    return Pay(
        order=payment_of(month, statement),
        attempt=attempt,
        kind="clearing",
        payer=Side(account=clearing_account(owing), region=owing),
        payee=owed,
        payee_account=f"region:{owed}",
        receiver=Side(account=clearing_account(owed), region=owed),
        amount=abs(statement.amount),
        purpose=f"异地就医清算{month}",
        now=now,
    )
