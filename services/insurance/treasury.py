"""From an order to its outcome. An order is an event before the bank hears of it; what the bank did not answer, or has
not decided, is asked after by the leader's sweeps. So whoever dies on the way, a payment is made once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.insurance.domain.payment import (
    PAYMENT,
    Awaiting,
    NoteOutcome,
    NotOrdered,
    Outcome,
    Pay,
    State,
    TurnedDown,
    bank_order_of,
)
from services.insurance.payments import PaymentOrder, Payments
from services.insurance.read_models.payments import next_accepted, next_to_hand_in
from shared.contracts.errors import Unavailable
from shared.contracts.event import Metadata
from shared.department.paging import Place
from shared.department.sweeping import Clock, ToDo, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Treasury:
    store: Store
    pool: Pool
    bank: Payments
    at_once: int = 100  # payments a page of a sweep

    @property
    def itself(self) -> Metadata:
        """Who acts when nobody asks."""
        return Metadata(actor=f"department:{self.store.registry.department}")

    async def state(self, order: UUID) -> State:
        return (await self.store.stand(PAYMENT.stream(order), PAYMENT)).state

    async def next_attempt(self, order: UUID) -> int:
        """For a person who asks: one more after a rejection, else the one that stands."""
        state = await self.state(order)
        return state.attempt + 1 if isinstance(state, NotOrdered | TurnedDown) else state.attempt

    async def pay(self, command: Pay, context: Context) -> State:
        """How it stands. Ordered and handed in by whoever comes first; who asks again is told only."""
        done = await self.store.execute(PAYMENT.stream(command.order), PAYMENT, command, context)
        if done.events:
            return await self.follow(command.order, command.now)
        return done.state

    async def follow(self, order: UUID, now: datetime) -> State:
        """Ask the bank, and note what it says."""
        state = await self.state(order)
        if not isinstance(state, Awaiting):
            return state
        try:
            outcome = await self._ask(state)
        except Unavailable:
            log.warning("bank not available", order=str(order))
            return state
        command = NoteOutcome(state.attempt, outcome, now)
        return (await self.store.execute(PAYMENT.stream(order), PAYMENT, command, Context(self.itself))).state

    async def _ask(self, state: Awaiting) -> Outcome:
        of, id = state.ordered, bank_order_of(state.ordered)
        known = await self.bank.look_up(id) if state.reference is not None else None
        if known is not None:
            return known
        return await self.bank.submit(
            PaymentOrder(id, of.payer.region, of.payee, of.payee_account, of.amount, of.purpose)
        )

    async def hand_in(self, clock: Clock = utc_now) -> None:
        """What was ordered, and of which is not known whether the bank has it."""
        await self._sweep("payments to hand in", next_to_hand_in, clock)

    async def ask_after(self, clock: Clock = utc_now) -> None:
        """What the bank has accepted and not decided."""
        await self._sweep("payments to ask after", next_accepted, clock)

    async def _sweep(self, list: str, to_do: ToDo[Place], clock: Clock) -> None:
        await go_through(
            list, to_do, lambda place: self.follow(place.id, clock()), self.pool, clock, a_page=self.at_once
        )
