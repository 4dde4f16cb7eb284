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
from services.insurance.domain.claim import Claim, require_order
from services.insurance.domain.claims import ReverseSettlement, SettleAnew, SettleClaim
from services.insurance.domain.evidence import earlier_of_year
from services.insurance.domain.hospital import Hospital
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, State
from services.insurance.domain.pricing import PolicyBook, Priced, price
from services.insurance.domain.situation import Filing
from services.insurance.domain.uncovered import CODES, UNCOVERED, TellNotCovered
from services.insurance.read_models.people import Person, find_by_number
from services.insurance.read_models.settlements import person_of
from shared.contracts.errors import KeyReused, Refused
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
    """`earlier`: the events of the year's settlements so far, which the sheet is counted after."""

    priced: Priced
    earlier: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Window:
    store: Store
    pool: Pool
    directory: Directory
    policies: PolicyBook
    hospital: Hospital
    caller: Caller

    async def quote(self, id_number: IdNumber, variants: Sequence[Supposed], now: datetime) -> list[Quoted]:
        """What each comes to for him as things stand; nothing is stored."""
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
            )
            for one in variants
        ]

    async def settle(self, id_number: IdNumber, claim: Claim, now: datetime, context: Context) -> Done[State]:
        """The bill's number is the key: the same bill again gives its first outcome, another one under it is refused.

        A mother who is not covered is told so by an event, whatever the window does next.
        """
        person = await self._patient(id_number)
        self.caller.stand_aside(person.person)
        command = SettleClaim(claim, self.hospital, self.policies, self.directory, self.caller.id, now)
        bill = _bill_context(context, self.hospital, person, claim)
        try:
            return await self.store.execute(INSURED.stream(person.person), INSURED, command, bill)
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
        command = SettleAnew(settlement, self.hospital, is_emergency, reason, self.policies, self.caller.id, now)
        return await self.store.execute(await self._stream_of(settlement), INSURED, command, context)

    async def _patient(self, id_number: IdNumber) -> Person:
        if person := await find_by_number(self.pool, id_number):
            return person
        raise refusals.no_such_insured()

    async def _stream_of(self, settlement: UUID) -> str:
        if person := await person_of(self.pool, settlement):
            self.caller.stand_aside(person)
            return INSURED.stream(person)
        raise refusals.no_such_settlement()

    async def _tell_not_covered(self, person: Person, claim: Claim, code: str, now: datetime, context: Context) -> None:
        command = TellNotCovered(person.person, self.hospital.code, claim.bill_number, code, claim.discharged_on, now)
        key = f"not covered {self.hospital.code} {claim.bill_number} {person.person}"
        await self.store.execute(
            UNCOVERED.stream(person.person), UNCOVERED, command, Context(context.metadata, key=key)
        )


def _bill_context(context: Context, hospital: Hospital, person: Person, claim: Claim) -> Context:
    """Whoever sends it, and under whatever Idempotency-Key: hospital and bill number are the key, the content is the
    request."""
    content = [str(person.person), claim]
    digest = sha256(orjson.dumps(content, default=_plain)).hexdigest()
    return Context(replace(context.metadata, request=digest), key=f"bill\n{hospital.code}\n{claim.bill_number}")


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
