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
from services.certificates.domain.reviewer import Reviewer
from services.certificates.read_models import workload
from services.certificates.read_models.workload import Figures, Part, Period
from shared.department.answer import division_name
from shared.department.paging import DEFAULT_LIMIT, Limit
from shared.department.powers import Power
from shared.eventstore.database import Pool


def _part(power: Power, division: str | None, now: datetime) -> Part:
    """What a leader asks about: of the bodies they lead, which all of their roles tell."""
    leader = Reviewer(power.caller.id, power.area, power.caller.roles)
    return Part(power.part(division), leader.kinds, Period(now))


@get("/review-queue/figures", tags=["review"], summary="办件统计 / the workload of a division and those below")
async def show_workload(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    division: Division = None,
) -> WorkloadShown:
    part = _part(power, division, now)
    below = await workload.of_divisions_below(pool, part)
    return WorkloadShown(
        division=part.area,
        division_name=division_name(part.area),
        figures=show_figures(await workload.of_division(pool, part)),
        below=[
            DivisionFigures(division=code, division_name=division_name(code), figures=show_figures(figures))
            for code, figures in below.items()
        ],
    )


@get("/review-queue/figures/reviewers", tags=["review"], summary="经办人统计 / the workload of each reviewer")
async def show_reviewers(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    division: Division = None,
    after: FromQuery[UUID | None] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReviewersWorkload:
    """Who decided anything there in the last 30 days or has claimed something, by id."""
    part = _part(power, division, now)
    rows = await workload.reviewers_in(pool, part, after=after or UUID(int=0), limit=limit + 1)
    figures = await workload.of_reviewers(pool, part)
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
