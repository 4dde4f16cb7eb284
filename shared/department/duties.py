"""Keeps duties going side by side: one that fails is begun again by itself, and the others do not notice.

Each has a back-off of its own, with jitter. What it failed with is logged once a kind and then at rising intervals, and
kept as its trouble until it has run well for a while.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from shared.contracts.errors import Unavailable
from shared.eventstore.tasks import together
from shared.eventstore.transient import described, is_transient
from shared.eventstore.trouble import Trouble, again
from shared.messaging.rarely import Rarely

log = structlog.get_logger(__name__)

Duty = Callable[[], Awaitable[None]]

FIRST_WAIT = 0.1  # seconds before a duty that failed is begun again; twice as long each time
LONGEST_WAIT = 10.0
WELL_AFTER = 10.0  # seconds; a duty that ran so long has no trouble any more


class EndedItself(Unavailable):
    """A library cancelled a duty that nobody else had cancelled."""


@dataclass(slots=True)
class _Kept:
    """One duty as it goes."""

    rarely: Rarely = field(default_factory=Rarely)
    trouble: Trouble | None = None
    began: float | None = None  # None: it waits to be begun again

    @property
    def is_well(self) -> bool:
        return self.trouble is None or (self.began is not None and monotonic() - self.began > WELL_AFTER)

    def failed(self, reason: str) -> Trouble:
        """`reason` holds no value: 'KeyError at shared/messaging/history.py:88'."""
        self.trouble = again(None if self.is_well else self.trouble, reason)
        self.began = None
        return self.trouble


class Duties:
    """Of one department."""

    def __init__(self, department: str) -> None:
        self._department = department
        self._kept: dict[str, _Kept] = {}

    def troubles(self) -> dict[str, Trouble]:
        """By the duty's name; those that go well are missing."""
        return {name: kept.trouble for name, kept in sorted(self._kept.items()) if kept.trouble and not kept.is_well}

    async def run(self, duties: Mapping[str, Duty]) -> None:
        """Keep all of them until cancelled, or until each has come to its end. Raises nothing of theirs."""
        await together(*(self.keep(name, duty) for name, duty in duties.items()))

    async def keep(self, name: str, duty: Duty) -> None:
        """Keep one until it is done or we are cancelled."""
        kept = self._kept.setdefault(name, _Kept())
        try:
            while True:
                kept.began = monotonic()
                try:
                    await _own_end(duty)
                except Exception as error:  # noqa: BLE001 - whatever it was, the duty must go on; it is told below
                    trouble = kept.failed(described(error))
                    self._tell(name, kept, error, trouble)
                    await asyncio.sleep(_wait(trouble.failures))
                else:
                    return
        finally:
            self._kept.pop(name, None)  # whoever does not lead has no trouble with leading

    def _tell(self, name: str, kept: _Kept, error: Exception, trouble: Trouble) -> None:
        """The first, second, fourth, eighth … time of each kind."""
        if not (times := kept.rarely.times(trouble.reason)):
            return
        known = is_transient(error)
        tell = log.warning if known else log.error
        tell(
            "duty failed; it is begun again",
            department=self._department,
            duty=name,
            problem=trouble.reason,
            times=times,
            exc_info=not known and times == 1,
        )


def _wait(failures: int) -> float:
    return min(LONGEST_WAIT, FIRST_WAIT * float(2 ** min(failures - 1, 16))) * random.uniform(0.5, 1)  # noqa: S311 - jitter


async def _own_end(duty: Duty) -> None:
    """A cancellation that is not ours is a failure like any other."""
    try:
        await duty()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise EndedItself("a duty was cancelled from within") from None


def name_of(duty: Duty) -> str:
    """A name for logs and readiness: 'sweeping.sweep' for `partial(keep_sweeping, wake, sweeping.sweep)`."""
    named: object = duty
    if isinstance(duty, partial):
        named = next((one for one in reversed(duty.args) if callable(one) and hasattr(one, "__qualname__")), duty.func)
    module = getattr(named, "__module__", "").rpartition(".")[2]
    return f"{module}.{getattr(named, '__qualname__', type(named).__name__)}"
