"""What a hospital's window does: find the patient, quote, settle, reverse, settle anew. Nothing here asks another
department: who people are and who serves where was told before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson

from services.insurance.directory import Directory
from services.insurance.domain import refusals
from services.insurance.domain.claim import Claim, own_expense, require_order
from services.insurance.domain.claims import ReverseSettlement, SettleAnew, SettleClaim
from services.insurance.domain.doubting import bill_doubts, stay_of
from services.insurance.domain.evidence import earlier_of_year
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, State, settlement_of
from services.insurance.domain.pricing import PolicyBook, Priced, price
from services.insurance.domain.situation import Filing
from services.insurance.domain.uncovered import CODES, UNCOVERED, TellNotCovered
from services.insurance.read_models import held
from services.insurance.read_models.people import Person, find_by_number
from services.insurance.read_models.settlements import person_of
from shared.contracts.errors import KeyReused, Refused
from shared.contracts.insurance import ClaimHeld, ClaimSettled, Concern
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber
from shared.standards.shanghai import day_in_shanghai


@dataclass(frozen=True, slots=True)
class Supposed:
    """A variant of a what-if."""

    claim: Claim
    filing: Filing | None = None  # None: as it is on record


@dataclass(frozen=True, slots=True)
class Quoted:
    """`earlier`: the events of the year's settlements so far, which the sheet is counted after. `concerns`: why it
    would be held."""

    priced: Priced
    earlier: Sequence[UUID]
    concerns: Sequence[Concern]


@dataclass(frozen=True, slots=True)
class Window:
    store: Store
    pool: Pool
    directory: Directory
    policies: PolicyBook
    hospital: Hospital
    caller: Caller

    async def quote(self, id_number: IdNumber, variants: Sequence[Supposed], now: datetime) -> list[Quoted]:
        """What each comes to for the patient as things stand; nothing is stored. Raises Refused for what cannot be."""
        for one in variants:
            require_order(one.claim, day_in_shanghai(now))
        person = await self._patient(id_number)
        loaded = await self.store.load(INSURED.stream(person.person), INSURED)
        state = loaded.state
        if not isinstance(state, Insured):
            raise refusals.not_insured(variants[0].claim.discharged_on, None, None)
        return [
            Quoted(
                price(state, one.claim, self.hospital, self.policies, filing=one.filing),
                earlier_of_year(loaded.events, one.claim.year),
                bill_doubts(state, one.claim, self.hospital, self.directory),
            )
            for one in variants
        ]

    async def settle(self, id_number: IdNumber, claim: Claim, now: datetime, context: Context) -> Done[State]:
        """The bill's number is the key: the same bill again is answered by how it stands now, another one under it is
        refused. What is implausible is held.

        A mother who is not covered is told so by an event, whatever the window does next.
        """
        person = await self._patient(id_number)
        self.caller.stand_aside(person.person)
        command = SettleClaim(claim, self.hospital, self.policies, self.directory, self.caller.id, now)
        bill = _bill_context(context, self.hospital, person, claim)
        try:
            done = await self.store.execute(INSURED.stream(person.person), INSURED, command, bill)
            return _as_it_stands(done, settlement_of(self.hospital.code, claim.bill_number))
        except KeyReused:
            raise refusals.bill_number_reused() from None
        except Refused as refused:
            if claim.care == "maternity" and refused.code in CODES:
                await self._tell_not_covered(person, claim, refused.code, now, context)
            raise

    async def reverse(self, settlement: UUID, reason: str, now: datetime, context: Context) -> Done[State]:
        command = ReverseSettlement(settlement, self.hospital.code, reason, self.caller.id, now)
        return await self.store.execute(await self._stream_of(settlement), INSURED, command, context)

    async def settle_anew(
        self, settlement: UUID, reason: str, now: datetime, context: Context, *, is_emergency: bool
    ) -> Done[State]:
        command = SettleAnew(
            settlement, self.hospital, is_emergency, reason, self.policies, self.directory, self.caller.id, now
        )
        done = await self.store.execute(await self._stream_of(settlement), INSURED, command, context)
        if done.is_repeat and isinstance(done.state, Insured) and not _still_holds(done):
            raise refusals.changed_since()
        return done

    async def _patient(self, id_number: IdNumber) -> Person:
        if person := await find_by_number(self.pool, id_number):
            return person
        raise refusals.no_such_insured()

    async def _stream_of(self, settlement: UUID) -> str:
        if person := await person_of(self.pool, settlement) or await held.person_of(self.pool, settlement):
            self.caller.stand_aside(person)
            return INSURED.stream(person)
        raise refusals.no_such_settlement()

    async def _tell_not_covered(self, person: Person, claim: Claim, code: str, now: datetime, context: Context) -> None:
        command = TellNotCovered(person.person, self.hospital.code, claim.bill_number, code, claim.discharged_on, now)
        key = f"not covered {self.hospital.code} {claim.bill_number} {person.person}"
        await self.store.execute(
            UNCOVERED.stream(person.person), UNCOVERED, command, Context(context.metadata, key=key)
        )


def _as_it_stands(done: Done[State], bill: UUID) -> Done[State]:
    """Raises Refused where a bill that comes again was refused, taken back or reversed since."""
    if not done.is_repeat or not isinstance(done.state, Insured):
        return done
    known = done.state.held.get(bill)
    if known and known.status == "refused":
        raise refusals.held_refused(known.decided)
    if (known is None or known.status != "held") and stay_of(done.state, bill) is None:
        raise refusals.taken_back_since() if known and known.status == "withdrawn" else refusals.undone_since()
    return done


def _still_holds(done: Done[State]) -> bool:
    """Whether what a repeated request settled, or had held, is so still."""
    assert isinstance(done.state, Insured)
    made = [one.data for one in done.events]
    settled = [one.settlement for one in made if isinstance(one, ClaimSettled)]
    waiting = [one.held for one in made if isinstance(one, ClaimHeld)]
    return all(done.state.settlement(one) for one in settled) and all(
        done.state.held[one].status == "held" or done.state.settlement(one) for one in waiting
    )


def _bill_context(context: Context, hospital: Hospital, person: Person, claim: Claim) -> Context:
    """Whoever sends it, and under whatever Idempotency-Key: hospital and bill number are the key, the content is the
    request."""
    items = tuple(one if one.selfpay_prop else own_expense(one) for one in claim.items)
    content = [str(person.person), replace(claim, items=items)]
    digest = sha256(orjson.dumps(content, default=_plain)).hexdigest()
    return Context(replace(context.metadata, request=digest), key=f"bill\n{hospital.code}\n{claim.bill_number}")


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
