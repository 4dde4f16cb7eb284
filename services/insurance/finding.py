"""Finding an insured person by ID number, wherever he is insured.

A clerk of his place sees all about him. A hospital's window, and the clerk of a place he may move to, have his card
before them and need to know whether and where he is insured: they see that, and a masked name.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.insurance.directory import Directory
from services.insurance.domain import refusals
from services.insurance.domain.hospital import overlap
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, Period
from services.insurance.read_models.people import find_by_number
from shared.contracts.insurance import InsuredAs
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.id_number import IdNumber
from shared.standards.masking import masked


@dataclass(frozen=True, slots=True)
class Found:
    """What whoever treats or takes him over needs: whether, where and as what he is insured."""

    person: UUID
    name: str  # masked
    id_number: str  # masked
    insured_as: InsuredAs
    period: Period  # today's; else the latest
    is_insured: bool  # today


@dataclass(frozen=True, slots=True)
class Finding:
    store: Store
    pool: Pool
    directory: Directory
    area: str  # the division the finder serves

    async def by_clerk(self, id_number: IdNumber, today: date) -> Insured | Found:
        """Raises NotFound for a number the register has not told of, and for who is not insured."""
        person = await find_by_number(self.pool, id_number)
        if person is None:
            raise refusals.not_in_register()
        insured = await self._insured(person.person)
        return insured if overlap(insured.region, self.area) else found(insured, today)

    async def by_window(self, id_number: IdNumber, today: date) -> Found:
        """For windows of designated hospitals. Raises NotAllowed, and NotFound also for a number nobody knows."""
        if not self.directory.hospitals_in(self.area):
            raise refusals.no_hospital_here()
        person = await find_by_number(self.pool, id_number)
        if person is None:
            raise refusals.no_such_insured()
        return found(await self._insured(person.person), today)

    async def _insured(self, person: UUID) -> Insured:
        state = (await self.store.stand(INSURED.stream(person), INSURED)).state
        if not isinstance(state, Insured):
            raise refusals.no_such_insured()
        return state


def found(insured: Insured, today: date) -> Found:
    return Found(
        person=insured.person,
        name=masked(insured.name),
        id_number=insured.id_number.masked,
        insured_as=insured.insured_as,
        period=insured.period_on(today) or insured.periods[-1],
        is_insured=insured.is_insured(today),
    )
