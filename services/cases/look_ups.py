"""People at a counter, found by what their ID card says: so many a day and login, and few that are wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.cases.domain import refusals
from services.cases.read_models.people import Person, find_by_number
from shared.department.counts import Counts, Limit
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber

DAY: Final = timedelta(days=1)
LOOK_UPS_DAY: Final = Limit("counter look-ups day", 300, DAY, bits=None)  # by login: only staff have one
WRONG_DAY: Final = Limit("counter look-ups wrong day", 20, DAY, bits=None)
UNKEYED: Final = b""  # ids of staff are no secret


@dataclass(frozen=True, slots=True)
class LookUps:
    pool: Pool

    async def present(self, staff: UUID, name: str, number: IdNumber, now: datetime, *, card_seen: bool) -> Person:
        """Raises Invalid, TooMany and NotFound: the same whichever of name and number does not fit."""
        if not card_seen:
            raise refusals.card_not_seen()
        counts = Counts(self.pool, UNKEYED)
        counted = await counts.count(now, (LOOK_UPS_DAY, str(staff)), (WRONG_DAY, str(staff)))
        if over := [one for one in counted if one.is_over]:
            raise refusals.too_many_look_ups(max(one.seconds_left(now) for one in over))
        person = await find_by_number(self.pool, number)
        if person is None or person.name != name:
            raise refusals.no_such_person()
        await counts.give_back(now, (WRONG_DAY, str(staff)))
        return person
