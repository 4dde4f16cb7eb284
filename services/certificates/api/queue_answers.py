"""How the queue and its figures are shown."""

from datetime import datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.domain.termination import WHY
from services.certificates.read_models.review_queue import Waiting
from services.certificates.read_models.terminated_reviews import TerminatedReview
from services.certificates.read_models.workload import Figures
from shared.contracts.case_items import Words
from shared.department.answer import Answer, division_name, words


class WaitingListed(Answer):
    application: UUID
    certificate_type: str
    type_name: Words
    applicant: str | None
    id_number: str | None  # masked
    division: str
    division_name: str
    step: int  # of the chain, from 1
    steps: int
    step_division: str
    step_division_name: str
    step_role: str
    claimed_by: UUID | None
    claimer: str | None
    escalated_to: str | None  # the division above that was told
    submitted_at: datetime
    expected_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    is_overdue: bool


class ReviewQueue(Answer):
    """The most urgent first. `next` goes back as `after`; null at the end."""

    waiting: list[WaitingListed]
    next: str | None


def list_waiting(waiting: Waiting, catalogue: Catalogue, now: datetime) -> WaitingListed:
    return WaitingListed(
        application=waiting.application,
        certificate_type=waiting.certificate_type,
        type_name=words(catalogue.name(waiting.certificate_type)),
        applicant=waiting.name,
        id_number=waiting.id_number.masked if waiting.id_number else None,
        division=waiting.division,
        division_name=division_name(waiting.division),
        step=waiting.step + 1,
        steps=waiting.steps,
        step_division=waiting.step_division,
        step_division_name=division_name(waiting.step_division),
        step_role=waiting.step_role,
        claimed_by=waiting.claimed_by,
        claimer=waiting.claimer,
        escalated_to=waiting.escalated_to,
        submitted_at=waiting.submitted_at,
        expected_by=waiting.expected_by,
        deadline_pending=waiting.expected_by is None,
        is_overdue=waiting.expected_by is not None and waiting.expected_by < now,
    )


class TerminatedListed(Answer):
    application: UUID
    certificate_type: str
    type_name: Words
    termination: Words  # why
    terminated_at: datetime


class TerminatedReviews(Answer):
    """The latest first. `next` goes back as `after`; null at the end."""

    terminated: list[TerminatedListed]
    next: str | None


def list_terminated(row: TerminatedReview, catalogue: Catalogue) -> TerminatedListed:
    return TerminatedListed(
        application=row.application,
        certificate_type=row.certificate_type,
        type_name=words(catalogue.name(row.certificate_type)),
        termination=words(WHY[row.reason]),
        terminated_at=row.terminated_at,
    )


class FiguresShown(Answer):
    """Today and the week (from Monday) are those of China; the median is of the last 30 days."""

    waiting: int
    overdue: int
    decided_today: int
    decided_this_week: int
    sent_back_this_week: int
    median_seconds: float | None  # from coming to the step to the decision


class DivisionFigures(Answer):
    division: str
    division_name: str
    figures: FiguresShown


class WorkloadShown(Answer):
    """Of a division, and of those one level down where there is anything to tell."""

    division: str
    division_name: str
    figures: FiguresShown
    below: list[DivisionFigures]


class ReviewerFigures(Answer):
    reviewer: UUID
    name: str
    division: str
    division_name: str
    figures: FiguresShown  # `waiting` and `overdue` are what he has claimed


class ReviewersWorkload(Answer):
    """`next` goes back as `after`; null at the end."""

    reviewers: list[ReviewerFigures]
    next: UUID | None


def show_figures(figures: Figures) -> FiguresShown:
    return FiguresShown(
        waiting=figures.waiting,
        overdue=figures.overdue,
        decided_today=figures.decided_today,
        decided_this_week=figures.decided_this_week,
        sent_back_this_week=figures.sent_back_this_week,
        median_seconds=figures.median_seconds,
    )
