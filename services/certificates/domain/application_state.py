"""How an application stands, and how its events move it on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True)
class NotSubmitted:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What holds through all of an application's life, as last submitted."""

    application: UUID
    citizen: UUID
    certificate_type: str
    catalogue_version: int
    division: str
    form: Mapping[str, str]
    submitted_at: datetime
    expected_by: datetime


@dataclass(frozen=True, slots=True)
class InReview:
    status: ClassVar[str] = "in_review"
    of: Particulars


@dataclass(frozen=True, slots=True)
class SentBack:
    status: ClassVar[str] = "sent_back"
    of: Particulars
    wrong_fields: Mapping[str, str]
    reviewer: UUID


@dataclass(frozen=True, slots=True)
class Approved:
    status: ClassVar[str] = "approved"
    of: Particulars
    reviewer: UUID
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    status: ClassVar[str] = "refused"
    of: Particulars
    reason: str
    reviewer: UUID


@dataclass(frozen=True, slots=True)
class Withdrawn:
    status: ClassVar[str] = "withdrawn"
    of: Particulars


Open = InReview | SentBack
Closed = Approved | Refused | Withdrawn
State = NotSubmitted | Open | Closed


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotSubmitted(), ApplicationSubmitted():
            return InReview(
                Particulars(
                    application=event.application,
                    citizen=event.citizen,
                    certificate_type=event.certificate_type,
                    catalogue_version=event.catalogue_version,
                    division=event.division,
                    form=event.form,
                    submitted_at=event.submitted_at,
                    expected_by=event.expected_by,
                )
            )
        case SentBack(of), ApplicationResubmitted(form=form, expected_by=expected_by):
            return InReview(replace(of, form=form, expected_by=expected_by))
        case InReview(of), ApplicationSentBack(wrong_fields=wrong_fields, reviewer=reviewer):
            return SentBack(of, wrong_fields, reviewer)
        case InReview(of), ApplicationApproved(reviewer=reviewer, approved_at=approved_at):
            return Approved(of, reviewer, approved_at)
        case InReview(of), ApplicationRefused(reason=reason, reviewer=reviewer):
            return Refused(of, reason, reviewer)
        case InReview(of) | SentBack(of), ApplicationWithdrawn():
            return Withdrawn(of)
        case _:
            return state
