"""How many people one login may look up by what their ID card says, and how often with what fits nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.contracts.errors import NotFound, TooMany
from shared.department.counts import Counts, Limit
from shared.eventstore.database import Pool

DAY: Final = timedelta(days=1)
ALL_DAY: Final = Limit("look-ups day", 300, DAY, bits=None)  # by login: only staff have one
WRONG_DAY: Final = Limit("look-ups wrong day", 20, DAY, bits=None)
UNKEYED: Final = b""  # ids of staff are no secret


@dataclass(frozen=True, slots=True)
class LookUps:
    pool: Pool
    all: Limit = ALL_DAY
    wrong: Limit = WRONG_DAY

    @asynccontextmanager
    async def one(self, staff: UUID, now: datetime) -> AsyncIterator[None]:
        """One look-up, a wrong one when it ends in NotFound. Raises TooMany."""
        counts = Counts(self.pool, UNKEYED)
        counted = await counts.count(now, (self.all, str(staff)), (self.wrong, str(staff)))
        if over := [one for one in counted if one.is_over]:
            raise _too_many(max(one.seconds_left(now) for one in over))
        is_wrong = False
        try:
            yield
        except NotFound:
            is_wrong = True
            raise
        finally:
            if not is_wrong:
                await counts.give_back(now, (self.wrong, str(staff)))


def _too_many(retry_after: float) -> TooMany:
    return TooMany(
        "too_many_look_ups",
        "今天查询的次数已达上限，请明天再办；需要加急的，请由其他窗口办理。",
        "As many people as one may look up in a day were looked up; please go on tomorrow, or at another counter.",
        retry_after=retry_after,
    )
