"""What a type promises: a span of time, or working days of the Chinese calendar."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.errors import Refused
from shared.standards.legal_clock import Deadline, LegalClock


class WorkingDays(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    working_days: int = Field(ge=1, le=250)


Promise = Annotated[timedelta, Field(gt=timedelta())] | WorkingDays


def expected_by(promise: Promise, now: datetime) -> datetime:
    """When the decision is due. Raises Refused "deadline_pending" when that takes a calendar not published yet."""
    if isinstance(promise, timedelta):
        return now + promise
    deadline = LegalClock.start(now, promise.working_days).deadline()
    if isinstance(deadline, Deadline):
        return deadline.at
    raise Refused(
        "deadline_pending",
        "办结期限所在年度的工作日安排尚未公布，暂不能在线承诺期限，请稍后再试或到窗口办理。",
        "The working days of the year this would be due in are not published yet; please try again later or come to "
        "the counter.",
    )
