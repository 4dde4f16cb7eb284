"""How applications are shown: to their citizen, to reviewers, and in the queue."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.domain.application_state import (
    ActUnderMandate,
    Closed,
    InReview,
    Open,
    Refused,
    SentBack,
    Terminated,
)
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.remedy import title_of
from services.certificates.domain.termination import WHY
from services.certificates.read_models.my_applications import MyApplication, Status
from shared.contracts.case_items import Words
from shared.contracts.certificates import Assistance, Channel
from shared.department.answer import Answer, division_name, words
from shared.standards.id_number import IdNumber


class AssistedBy(Answer):
    """Who acted for the applicant. His mandate is the paper of kind `mandate`."""

    relation: str
    name: str
    id_number: str  # masked
    has_mandate: bool


def assisted_by(assistance: Assistance | None) -> AssistedBy | None:
    if assistance is None:
        return None
    return AssistedBy(
        relation=assistance.relation,
        name=assistance.name,
        id_number=IdNumber(assistance.id_number).masked,
        has_mandate=assistance.mandate is not None,
    )


class ActShown(Answer):
    """What was done for the applicant under a mandate they gave, and by whom."""

    what: Literal["submitted", "resubmitted", "withdrawn", "message"]
    agent: UUID
    agent_name: str
    mandate: UUID
    at: datetime


def show_act(act: ActUnderMandate) -> ActShown:
    agency = act.agency
    return ActShown(what=act.what, agent=agency.agent, agent_name=agency.agent_name, mandate=agency.mandate, at=act.at)


class ApplicationShown(Answer):
    """`issued` follows `approved` within a moment; then `certificate` is given."""

    application: UUID
    certificate_type: str
    type_name: Words
    catalogue_version: int
    status: Status
    division: str
    division_name: str
    submitted_at: datetime
    expected_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    form: dict[str, str]  # to who applied at a window or as helper: *** for what the register filled in
    wrong_fields: dict[str, str] | None
    reason: str | None
    termination: Words | None  # why it came to an end after its approval
    remedy: Words | None  # of a refusal, the way of review
    refusal_notice: Words | None  # what the notice of its refusal is called: see `/applications/{id}/notice`
    channel: Channel
    assisted_by: AssistedBy | None
    acts_under_mandate: list[ActShown]  # the oldest first
    evidence: dict[str, str]  # kind -> SHA-256; see `/applications/{id}/evidence/{kind}`
    step: int | None  # of its review, from 1, while under review
    steps: int
    step_division_name: str | None
    is_claimed: bool
    escalated_to: str | None  # the division above that was told when its time ran out
    reviewer: str | None  # name of who decided last
    certificate: UUID | None


def show_application(
    state: Open | Closed, catalogue: Catalogue, *, reviewer: str | None = None, certificate: UUID | None = None
) -> ApplicationShown:
    of = state.of
    type = catalogue.version(of.certificate_type, of.catalogue_version)
    notice = title_of(catalogue.remedies[type.issuer], type) if isinstance(state, Refused) else None
    has_notice = isinstance(state, Refused) and (state.terms or state.has_notice or type.refusal_notice)
    in_review = state if isinstance(state, InReview) else None
    return ApplicationShown(
        application=of.application,
        certificate_type=of.certificate_type,
        type_name=words(type.name),
        catalogue_version=of.catalogue_version,
        status="issued" if certificate else state.status,
        division=of.division,
        division_name=division_name(of.division),
        submitted_at=of.submitted_at,
        expected_by=of.due,
        deadline_pending=in_review is not None and of.due is None,
        form=dict(of.form),
        wrong_fields=dict(state.wrong_fields) if isinstance(state, SentBack) else None,
        reason=state.reason if isinstance(state, Refused) else None,
        termination=words(WHY[state.reason]) if isinstance(state, Terminated) else None,
        remedy=words(state.terms.remedy) if isinstance(state, Refused) and state.terms else None,
        refusal_notice=words(notice) if notice and has_notice else None,
        channel=of.channel,
        assisted_by=assisted_by(of.assistance),
        acts_under_mandate=[show_act(act) for act in of.acts],
        evidence=dict(of.evidence),
        step=len(in_review.passed_by) + 1 if in_review else None,
        steps=len(of.chain),
        step_division_name=division_name(in_review.step.division) if in_review else None,
        is_claimed=in_review is not None and in_review.claim is not None,
        escalated_to=in_review.escalated_to if in_review else None,
        reviewer=reviewer,
        certificate=certificate,
    )


HIDDEN = "***"


def for_desk(shown: ApplicationShown, type: CertificateType, typed: Collection[str]) -> ApplicationShown:
    """As staff who applied for another see it: what the register filled in and they did not type is hidden."""
    open_to_them = {*typed, type.holder_name, type.holder_code, type.division}
    form = {name: text if name in open_to_them else HIDDEN for name, text in shown.form.items()}
    return shown.model_copy(update={"form": form})


class ApplicationListed(Answer):
    application: UUID
    certificate_type: str
    type_name: Words
    status: Status
    division: str
    division_name: str
    submitted_at: datetime
    expected_by: datetime | None
    deadline_pending: bool  # it is reckoned when the year's calendar is published
    certificate: UUID | None


class Applications(Answer):
    """`next` goes back as `after`; null at the end."""

    applications: list[ApplicationListed]
    next: str | None


def list_application(mine: MyApplication, catalogue: Catalogue) -> ApplicationListed:
    return ApplicationListed(
        application=mine.application,
        certificate_type=mine.certificate_type,
        type_name=words(catalogue.name(mine.certificate_type)),
        status=mine.status,
        division=mine.division,
        division_name=division_name(mine.division),
        submitted_at=mine.submitted_at,
        expected_by=mine.expected_by,
        deadline_pending=mine.status == "in_review" and mine.expected_by is None,
        certificate=mine.certificate,
    )
