"""How applications are shown: to their citizen, to reviewers, and in the queue."""

from datetime import datetime
from uuid import UUID

from services.certificates.api.answer import Answer, Words, division_name, words
from services.certificates.catalogue import Catalogue
from services.certificates.domain.application_state import Closed, Open, Refused, SentBack
from services.certificates.read_models.my_applications import MyApplication, Status
from services.certificates.read_models.review_queue import Waiting


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
    expected_by: datetime
    form: dict[str, str]
    wrong_fields: dict[str, str] | None
    reason: str | None
    reviewer: str | None  # name of who decided last
    certificate: UUID | None


def show_application(
    state: Open | Closed, catalogue: Catalogue, *, reviewer: str | None = None, certificate: UUID | None = None
) -> ApplicationShown:
    of = state.of
    return ApplicationShown(
        application=of.application,
        certificate_type=of.certificate_type,
        type_name=words(catalogue.version(of.certificate_type, of.catalogue_version).name),
        catalogue_version=of.catalogue_version,
        status="issued" if certificate else state.status,
        division=of.division,
        division_name=division_name(of.division),
        submitted_at=of.submitted_at,
        expected_by=of.expected_by,
        form=dict(of.form),
        wrong_fields=dict(state.wrong_fields) if isinstance(state, SentBack) else None,
        reason=state.reason if isinstance(state, Refused) else None,
        reviewer=reviewer,
        certificate=certificate,
    )


class ApplicationListed(Answer):
    application: UUID
    certificate_type: str
    type_name: Words
    status: Status
    division: str
    division_name: str
    submitted_at: datetime
    expected_by: datetime
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
        certificate=mine.certificate,
    )


class WaitingListed(Answer):
    application: UUID
    certificate_type: str
    type_name: Words
    applicant: str | None
    id_number: str | None  # masked
    division: str
    division_name: str
    submitted_at: datetime
    expected_by: datetime
    is_late: bool


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
        submitted_at=waiting.submitted_at,
        expected_by=waiting.expected_by,
        is_late=waiting.expected_by < now,
    )
