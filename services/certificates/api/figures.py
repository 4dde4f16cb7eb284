"""For leaders: how much waits and how fast it goes, by division and by reviewer."""

from datetime import datetime
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from services.certificates.api.queue_answers import (
    DivisionFigures,
    ReviewerFigures,
    ReviewersWorkload,
    WorkloadShown,
    show_figures,
)
from services.certificates.api.reviewer import Division
from services.certificates.api.reviewing import part_of, reviewer_of
from services.certificates.read_models import workload
from services.certificates.read_models.workload import Figures, Period
from shared.contracts.identity import Role
from shared.department.answer import division_name
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, Limit
from shared.eventstore.database import Pool


async def led_part(pool: Pool, caller: Caller, division: str | None) -> str:
    """The division asked about. Raises NotAllowed unless the caller leads it."""
    caller.hold(Role.leader)
    return part_of(await reviewer_of(pool, caller), division)


@get("/review-queue/figures", tags=["review"], summary="办件统计 / the workload of a division and those below")
async def show_workload(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    division: Division = None,
) -> WorkloadShown:
    area, period = await led_part(pool, caller, division), Period(now)
    below = await workload.of_divisions_below(pool, area, period)
    return WorkloadShown(
        division=area,
        division_name=division_name(area),
        figures=show_figures(await workload.of_division(pool, area, period)),
        below=[
            DivisionFigures(division=code, division_name=division_name(code), figures=show_figures(figures))
            for code, figures in below.items()
        ],
    )


@get("/review-queue/figures/reviewers", tags=["review"], summary="经办人统计 / the workload of each reviewer")
async def show_reviewers(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    division: Division = None,
    after: FromQuery[UUID | None] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewersWorkload:
    """Who decided anything there in the last 30 days or has claimed something, by id."""
    area, period = await led_part(pool, caller, division), Period(now)
    rows = await workload.reviewers_in(pool, area, period, after=after or UUID(int=0), limit=limit + 1)
    figures = await workload.of_reviewers(pool, area, period)
    shown = [
        ReviewerFigures(
            reviewer=row.staff,
            name=row.name,
            division=row.division,
            division_name=division_name(row.division),
            figures=show_figures(figures.get(row.staff, Figures())),
        )
        for row in rows[:limit]
    ]
    return ReviewersWorkload(reviewers=shown, next=shown[-1].reviewer if len(rows) > limit else None)


HANDLERS = (show_workload, show_reviewers)
