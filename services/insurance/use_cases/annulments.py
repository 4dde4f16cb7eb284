"""From an annulled entry of the register to the mother's money: her stream is told, and what rests on the birth ends.

The annulled person's own cover ends by a reaction, at once. The mother is found by what the register told of the birth.
"""

from dataclasses import dataclass

from services.insurance.directory import directory
from services.insurance.domain.annulment import StrikeBirth
from services.insurance.domain.insured import INSURED
from services.insurance.read_models.births import ToStrike, next_to_strike
from services.insurance.treasury import Treasury
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context


@dataclass(frozen=True, slots=True)
class Annulments:
    treasury: Treasury
    at_once: int = 100  # births a page

    async def sweep(self, clock: Clock = utc_now) -> None:
        await go_through(
            "births to strike",
            next_to_strike,
            lambda birth: self._strike(birth, clock),
            self.treasury.pool,
            clock,
            a_page=self.at_once,
        )

    async def _strike(self, birth: ToStrike, clock: Clock) -> bool:
        command = StrikeBirth(birth.mother, birth.child, birth.born_on, directory(), clock())
        context = Context(self.treasury.itself, key=f"strike {birth.child}")
        done = await self.treasury.store.execute(INSURED.stream(birth.mother), INSURED, command, context)
        return bool(done.events)
