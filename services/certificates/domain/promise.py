"""What a type promises: a span of time, or working days of the Chinese calendar."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.standards.legal_clock import Deadline, LegalClock


class WorkingDays(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    working_days: int = Field(ge=1, le=250)


Promise = Annotated[timedelta, Field(gt=timedelta())] | WorkingDays


def deadline(promise: Promise, now: datetime) -> tuple[datetime | None, LegalClock | None]:
    """When the decision is due; or else, while its calendar is not published, what that will follow from."""
    if isinstance(promise, timedelta):
        return now + promise, None
    clock = LegalClock.start(now, promise.working_days)
    due = known(clock)
    return due, None if due else clock


def known(due: datetime | LegalClock | None) -> datetime | None:
    """As this release knows the calendar; None: it is still pending, or nothing is due."""
    if not isinstance(due, LegalClock):
        return due
    reckoned = due.deadline()
    return reckoned.at if isinstance(reckoned, Deadline) else None
