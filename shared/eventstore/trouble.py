"""Trouble that comes again and again in one place, kept in memory for readiness and metrics."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """`reason` is without any value: see `transient.described`."""

    reason: str
    since: datetime
    failures: int = 1  # in a row


def again(before: Trouble | None, reason: str) -> Trouble:
    """It went wrong once more. Where it goes well the trouble is over: put None there."""
    if before is None:
        return Trouble(reason, datetime.now(UTC))
    return replace(before, reason=reason, failures=before.failures + 1)
