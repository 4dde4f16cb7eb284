"""From a month's close to the money between regions: each statement is paid by one order, whose id follows from it.

The request that closes orders at once; should it be killed in between, the leader's sweep orders what is left.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.insurance.domain.clearing import (
    BOOK,
    CLEARING,
    Book,
    CloseMonth,
    Reckoned,
    concerns,
    first_day_after,
    payment_of,
    reckon,
)
from services.insurance.domain.events import Side
from services.insurance.domain.payment import Pay
from services.insurance.domain.postings import clearing_account
from services.insurance.read_models.clearing_items import dues_until, earliest_between
from services.insurance.read_models.clearing_statements import month_of, next_to_order
from services.insurance.treasury import Treasury
from shared.contracts.insurance import ClearingStatement
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.standards.money import ZERO

STREAM = CLEARING.stream(BOOK)


@dataclass(frozen=True, slots=True)
class Clearings:
    treasury: Treasury
    at_once: int = 100  # statements a page of the sweep

    async def book(self) -> Book:
        return (await self.treasury.store.load(STREAM, CLEARING)).state

    async def stated(self, month: str) -> tuple[bool, Reckoned]:
        """Whether it is closed, and what it states; an open month, as things stand. Raises Invalid."""
        first_day_after(month)
        book = await self.book()
        if closed := book.months.get(month):
            return True, Reckoned(closed.statements, closed.corrections)
        pool = self.treasury.pool
        dues = await dues_until(pool, month)
        if month < book.last:
            return False, Reckoned()  # what belongs to it is in a later month
        if await earliest_between(pool, book.last, month) is None:
            return False, reckon(dues, book.stated)
        before = await dues_until(pool, previous(month))
        return False, reckon(dues, {pair: due.until for pair, due in before.items()})

    async def close(self, month: str, clerk: UUID, now: datetime, context: Context) -> Done[Book]:
        """Close it and order what it states. Closed before: what of it is not ordered yet is."""
        first_day_after(month)
        pool, last = self.treasury.pool, (await self.book()).last
        command = CloseMonth(
            month, await dues_until(pool, month), await earliest_between(pool, last, month), clerk, now
        )
        done = await self.treasury.store.execute(STREAM, CLEARING, command, context)
        for statement in done.state.months[month].statements:
            if statement.amount != ZERO:
                await self.treasury.pay(order_of(month, statement, 1, now), Context(context.metadata))
        return done

    async def pay_again(self, month: str, area: str, now: datetime, context: Context) -> None:
        """Order anew what the bank rejected of a closed month, of regions that clerks of this area serve."""
        closed = (await self.book()).months.get(month)
        for statement in closed.statements if closed else ():
            if statement.amount == ZERO or not concerns(statement, area):
                continue
            order = payment_of(month, statement)
            pay = order_of(month, statement, await self.treasury.next_attempt(order), now)
            await self.treasury.pay(pay, context.step(str(order)))

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
        month = await month_of(self.treasury.pool, payment)
        assert month is not None
        closed = (await self.book()).months[month]
        stated = next(one for one in closed.statements if payment_of(month, one) == payment)
        await self.treasury.pay(order_of(month, stated, 1, now), Context(self.treasury.itself))


def previous(month: str) -> str:
    """'2023-01' -> '2022-12'."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def order_of(month: str, statement: ClearingStatement, attempt: int, now: datetime) -> Pay:
    """Below zero, it goes the other way."""
    owing, owed = statement.owed_by, statement.owed_to
    if statement.amount < ZERO:
        owing, owed = owed, owing
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
