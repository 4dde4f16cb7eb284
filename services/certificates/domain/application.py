"""An application for a certificate, from submission to the decision. Stream `application-<id>`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from services.certificates.domain import refusals
from services.certificates.domain.application_state import (
    Approved,
    Closed,
    InReview,
    NotSubmitted,
    Open,
    Refused,
    SentBack,
    State,
    Withdrawn,
    evolve,
)
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.forms import FilledForm
from services.certificates.domain.reasons import said
from shared.contracts.certificates import (
    ApplicationApproved,
    ApplicationRefused,
    ApplicationResubmitted,
    ApplicationSentBack,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ReviewStep,
)
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate
from shared.standards.divisions import is_within


@dataclass(frozen=True, slots=True)
class Reviewer:
    id: UUID
    area: str  # the division he serves


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    application: UUID
    citizen: UUID
    form: FilledForm
    now: datetime
    chain: tuple[ReviewStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ResubmitApplication:
    citizen: UUID
    form: FilledForm
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    citizen: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class SendBackApplication:
    reviewer: Reviewer
    type: CertificateType
    wrong_fields: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class RefuseApplication:
    reviewer: Reviewer
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ApproveApplication:
    reviewer: Reviewer
    now: datetime


ByCitizen = ResubmitApplication | WithdrawApplication
ByReviewer = SendBackApplication | RefuseApplication | ApproveApplication
Command = SubmitApplication | ByCitizen | ByReviewer


def ids_for(citizen: UUID, form: FilledForm) -> Iterator[UUID]:
    """The ids of this citizen's first, second, … application for the same thing, without end.

    They follow from what is applied for, so that two requests at once meet in one stream, where only one can be first.
    """
    subject = uuid5(citizen, "\n".join(("application", form.type.code, *form.distinguishing)))
    nth = 1
    while True:
        yield uuid5(subject, str(nth))
        nth += 1


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, SubmitApplication):
        return _submit(state, command)
    if isinstance(state, NotSubmitted):
        raise refusals.no_such_application()
    if isinstance(command, ResubmitApplication | WithdrawApplication):
        if command.citizen != state.of.citizen:
            raise refusals.no_such_application()
        return _by_citizen(state, command)
    if not is_within(state.of.division, command.reviewer.area):
        raise refusals.outside_division()
    return _by_reviewer(state, command)


def _submit(state: State, command: SubmitApplication) -> Sequence[Event]:
    match state:
        case NotSubmitted():
            form = command.form
            return [
                ApplicationSubmitted(
                    application=command.application,
                    citizen=command.citizen,
                    certificate_type=form.type.code,
                    catalogue_version=form.type.version,
                    division=form.division,
                    form=dict(form.values),
                    expected_by=form.type.expected_by(command.now),
                    submitted_at=command.now,
                    chain=command.chain,
                )
            ]
        case InReview() | SentBack():
            raise refusals.one_is_open(state.of.application, state.status)
        case Approved() | Refused() | Withdrawn():
            raise refusals.already_decided(state.status)
        case _:
            assert_never(state)


def _by_citizen(state: Open | Closed, command: ByCitizen) -> Sequence[Event]:
    match state, command:
        case SentBack(of), ResubmitApplication(form=form, now=now):
            return [
                ApplicationResubmitted(
                    application=of.application,
                    citizen=of.citizen,
                    form=dict(form.values),
                    expected_by=form.type.expected_by(now),
                    resubmitted_at=now,
                )
            ]
        case InReview(), ResubmitApplication():
            raise refusals.not_sent_back()
        case InReview(of) | SentBack(of), WithdrawApplication(now=now):
            return [
                ApplicationWithdrawn(
                    application=of.application,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    withdrawn_at=now,
                )
            ]
        case Withdrawn(), WithdrawApplication():
            return []
        case _:
            raise refusals.already_decided(state.status)


def _by_reviewer(state: Open | Closed, command: ByReviewer) -> Sequence[Event]:
    match state, command:
        case InReview(of), ApproveApplication(reviewer, now):
            return [
                ApplicationApproved(
                    application=of.application,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    reviewer=reviewer.id,
                    approved_at=now,
                )
            ]
        case InReview(of), RefuseApplication(reviewer, reason, now):
            return [
                ApplicationRefused(
                    application=of.application,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    reason=said("reason", reason),
                    reviewer=reviewer.id,
                    refused_at=now,
                )
            ]
        case InReview(of), SendBackApplication(reviewer, type, wrong_fields, now):
            return [
                ApplicationSentBack(
                    application=of.application,
                    citizen=of.citizen,
                    certificate_type=of.certificate_type,
                    wrong_fields=_marked(type, wrong_fields),
                    reviewer=reviewer.id,
                    sent_back_at=now,
                )
            ]
        case SentBack(), _:
            raise refusals.with_the_citizen()
        case Approved(reviewer=first), ApproveApplication(reviewer) if reviewer.id == first:
            return []
        case _:
            raise refusals.already_decided(state.status)


def _marked(type: CertificateType, wrong_fields: Mapping[str, str]) -> dict[str, str]:
    if not wrong_fields:
        raise refusals.nothing_marked()
    if unknown := {name for name in wrong_fields if type.field(name) is None}:
        raise refusals.unknown_fields(unknown)
    if fixed := wrong_fields.keys() & type.fixed:
        raise refusals.fixed_fields(fixed)
    return {name: said(f"wrong_fields.{name}", what) for name, what in wrong_fields.items()}


APPLICATION: Aggregate[State, Command] = Aggregate("application", NotSubmitted(), decide, evolve)
