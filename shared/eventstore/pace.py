"""How fast a build may go, so that those who are served do not feel it."""

import asyncio
from dataclasses import dataclass

AT_ONCE = 4000  # events a transaction
POLITE_AT_ONCE = 200  # so that nobody waits long behind one
NICE = 10  # what a process adds to its niceness that does nothing but build
BEAT = 0.1  # seconds; a transaction holds as many events as the rate allows in so long


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` events a second if one is named, else `share` of the time; between transactions the build rests."""

    rate: float | None = None
    share: float = 1.0

    @property
    def at_once(self) -> int:
        """Events a transaction."""
        if self.rate is not None:
            return max(1, min(AT_ONCE, round(self.rate * BEAT)))
        return AT_ONCE if self.share == 1 else POLITE_AT_ONCE

    async def rest(self, events: int, seconds: float) -> None:
        """After so many events that took so many seconds."""
        pause = events / self.rate - seconds if self.rate is not None else seconds * (1 / self.share - 1)
        if pause > 0:
            await asyncio.sleep(pause)


UNHINDERED = Pace()
POLITE = Pace(share=0.25)
"""Our own work and PostgreSQL's for us take a quarter of the time; at half of it requests felt it (docs/speed.md)."""
