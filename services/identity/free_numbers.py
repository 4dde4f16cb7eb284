"""Finds the next ID number of a series that nobody was ever given.

What it remembers only saves work: that a number stands for one person, the claim on it decides (`domain/id_claim.py`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.identity.domain.id_claim import ID_CLAIM
from services.identity.domain.number_series import NumberSeries, NumbersUsedUp
from services.identity.pseudonyms import Pseudonyms
from shared.eventstore.store import Store
from shared.standards.id_number import IdNumber

A_LOOK = 48  # numbers asked for at once: more than a desk has in work
MOST_REMEMBERED = 2000  # series


class FreeNumbers:
    """One a process, so that those who look at the same moment are not offered the same."""

    def __init__(self, store: Store, pseudonyms: Pseudonyms) -> None:
        self._store, self._pseudonyms = store, pseudonyms
        self._used: dict[NumberSeries, int] = {}  # of its first numbers, so many are known to be used
        self._offered: set[IdNumber] = set()

    @asynccontextmanager
    async def offer(self, series: NumberSeries) -> AsyncIterator[IdNumber]:
        """The lowest free one, offered to nobody else meanwhile. Raises NumbersUsedUp."""
        number = await self._next(series)
        try:
            yield number
        finally:
            self._offered.discard(number)

    async def _next(self, series: NumberSeries) -> IdNumber:
        for start in range(self._used.get(series, 0), len(series), A_LOOK):
            numbers = {self._claim_on(number): number for number in series.numbers(start, start + A_LOOK)}
            free = [numbers[stream] for stream in await self._store.unwritten(list(numbers))]
            used = list(numbers.values()).index(free[0]) if free else A_LOOK
            self._remember(series, start + used)
            for number in free:
                if number not in self._offered:
                    self._offered.add(number)
                    return number
        raise NumbersUsedUp

    def _claim_on(self, number: IdNumber) -> str:
        return ID_CLAIM.stream(self._pseudonyms.id_number(number))

    def _remember(self, series: NumberSeries, used: int) -> None:
        if len(self._used) > MOST_REMEMBERED:
            self._used.clear()
        self._used[series] = max(used, self._used.get(series, 0))
