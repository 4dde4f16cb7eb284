"""Reviewers' work in figures: what each division and each reviewer decided, and how long that took."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.certificates.domain.application_state import chain_of
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationStepPassed,
    ApplicationSubmitted,
    ApplicationTerminated,
    ApplicationWithdrawn,
)
from shared.contracts.event import Recorded
from shared.contracts.identity import Role
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import WHOLE_COUNTRY, Level, level_of, span
from shared.standards.shanghai import SHANGHAI, day_in_shanghai

DIGITS_BELOW: dict[Level, int] = {"province": 4, "city": 6, "county": 9, "township": 12, "village": 12}
MEDIAN_OVER = timedelta(days=30)


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case ApplicationSubmitted() as submitted:
            first = chain_of(submitted)[0]
            yield "submitted", (submitted.application, first.division, first.role, submitted.submitted_at)
        case ApplicationResubmitted(application=application, resubmitted_at=at):
            yield "resubmitted", (application, at)
        case ApplicationStepPassed(application=application, reviewer=reviewer, passed_at=at, next_step=following):
            yield "decided", (event.id, application, reviewer, "passed", at)
            yield "moved_on", (application, following.division, at)
        case ApplicationSentBack(application=application, reviewer=reviewer, sent_back_at=at):
            yield "decided", (event.id, application, reviewer, "sent_back", at)
        case ApplicationRefused(application=application, reviewer=reviewer, refused_at=at):
            yield "decided", (event.id, application, reviewer, "refused", at)
            yield "closed", (application,)
        case ApplicationApproved(application=application, reviewer=reviewer, leader=leader, approved_at=at):
            yield "decided", (event.id, application, leader or reviewer, "approved", at)
            yield "closed", (application,)
        case ApplicationWithdrawn(application=application) | ApplicationTerminated(application=application):
            yield "closed", (application,)


WORKLOAD = ReadModel.beside(
    __file__,
    version=3,
    events=(
        ApplicationSubmitted,
        ApplicationResubmitted,
        ApplicationStepPassed,
        ApplicationSentBack,
        ApplicationRefused,
        ApplicationApproved,
        ApplicationTerminated,
        ApplicationWithdrawn,
    ),
    project=project,
)

WAITING = """
select {key} as key, count(*) as waiting, count(*) filter (where expected_by < $4) as overdue
from review_queue where with_reviewer and step_division between $1 and $2 and first_role = any($3) group by 1
"""
DECIDED = """
select {key} as key,
       count(*) filter (where decided_at >= $4) as decided_today,
       count(*) filter (where decided_at >= $5) as decided_this_week,
       count(*) filter (where decided_at >= $5 and outcome = 'sent_back') as sent_back_this_week,
       percentile_cont(0.5) within group (order by seconds) as median_seconds
from workload_decisions where step_division between $1 and $2 and kind = any($3) and decided_at >= $6 group by 1
"""
BY_PLACE = "rpad(left(step_division, {digits}), 12, '0')"
REVIEWERS_PAGE = """
select r.staff, r.name, r.division from staff r
where (r.staff in (select reviewer from workload_decisions
                    where step_division between $1 and $2 and kind = any($3) and decided_at >= $4)
    or r.staff in (select claimed_by from review_queue
                    where with_reviewer and step_division between $1 and $2 and first_role = any($3)))
  and r.staff > $5
order by r.staff limit $6
"""


@dataclass(frozen=True, slots=True)
class Figures:
    waiting: int = 0
    overdue: int = 0
    decided_today: int = 0
    decided_this_week: int = 0
    sent_back_this_week: int = 0
    median_seconds: float | None = None  # from its coming to the step to the decision, of the last 30 days


@dataclass(frozen=True, slots=True)
class Period:
    """The present, and since when today and this week (from Monday) have lasted in China."""

    now: datetime

    @property
    def today(self) -> datetime:
        return datetime.combine(day_in_shanghai(self.now), time.min, SHANGHAI)

    @property
    def week(self) -> datetime:
        return self.today - timedelta(days=self.today.weekday())

    @property
    def month(self) -> datetime:
        return self.now - MEDIAN_OVER


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked about: reviews within a division, of bodies that review in these roles."""

    area: str
    kinds: Collection[Role]
    period: Period

    @property
    def scope(self) -> tuple[str, str, list[Role]]:
        return *span(self.area), sorted(self.kinds)


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    staff: UUID
    name: str
    division: str


async def of_division(pool: Pool, part: Part) -> Figures:
    return (await _by(pool, "''", "''", part)).get("", Figures())


async def of_divisions_below(pool: Pool, part: Part) -> dict[str, Figures]:
    """Of each division one level down where anything waits or was decided, by code; of a village, itself."""
    place = BY_PLACE.format(digits=2 if part.area == WHOLE_COUNTRY else DIGITS_BELOW[level_of(part.area)])
    return dict(sorted((await _by(pool, place, place, part)).items()))


async def reviewers_in(pool: Pool, part: Part, *, after: UUID, limit: int) -> list[ReviewerRow]:
    """Who decided anything there in the last 30 days, or has claimed something, by staff id."""
    rows = await pool.fetch(REVIEWERS_PAGE, *part.scope, part.period.month, after, limit)
    return [ReviewerRow(**row) for row in rows]


async def of_reviewers(pool: Pool, part: Part) -> dict[UUID, Figures]:
    """What waits with a reviewer is what they claimed."""
    found = await _by(pool, "coalesce(claimed_by::text, '')", "reviewer::text", part)
    return {UUID(reviewer): figures for reviewer, figures in found.items() if reviewer}


async def _by(pool: Pool, waiting_by: str, decided_by: str, part: Part) -> dict[str, Figures]:
    """Figures by what these SQL expressions yield."""
    scope, period = part.scope, part.period
    waiting = await pool.fetch(WAITING.format(key=waiting_by), *scope, period.now)
    decided = await pool.fetch(DECIDED.format(key=decided_by), *scope, period.today, period.week, period.month)
    found: dict[str, dict[str, Any]] = {row["key"]: {} for row in (*waiting, *decided)}
    for row in (*waiting, *decided):
        found[row["key"]] |= row
    return {key: Figures(**{name: values[name] for name in values if name != "key"}) for key, values in found.items()}
