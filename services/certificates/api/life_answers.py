"""How a certificate's life is shown: where it stands, what it went through, and what a division has issued."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.domain.certificate_state import Issued, Proposal, Revoked, Standing, Superseded, Suspended
from services.certificates.following import Line
from services.certificates.read_models.holdings import HeldWithin, Status, ToLookAt
from shared.contracts.case_items import Words
from shared.contracts.certificates import RevocationReason, RevokedFor, SuspensionReason
from shared.department.answer import Answer, division_name, words


class ProposalShown(Answer):
    """A revocation that waits for another's decision."""

    reason: RevocationReason
    explanation: str
    proposed_by: UUID
    proposed_at: datetime


class Replaced(Answer):
    certificate: UUID
    identifier: str


class LifeShown(Answer):
    """Where a certificate stands. `reason` and `explanation`: of a suspension or revocation."""

    certificate: UUID
    identifier: str
    status: Status
    since: datetime
    reason: SuspensionReason | RevokedFor | None
    explanation: str | None
    revocation: ProposalShown | None
    is_being_corrected: bool
    superseded_by: Replaced | None


def show_life(state: Standing, *, for_holder: bool = False) -> LifeShown:
    """Of a revocation that is proposed the holder sees what he asked for himself."""
    of = state.as_issued
    proposal = state.proposal if isinstance(state, Issued | Suspended) else None
    if proposal and for_holder and proposal.proposed_by != of.citizen:
        proposal = None
    return LifeShown(
        certificate=of.certificate,
        identifier=of.identifier,
        status=state.status,
        since=of.issued_at if isinstance(state, Issued) else state.since,
        reason=state.reason if isinstance(state, Suspended | Revoked) else None,
        explanation=state.explanation if isinstance(state, Suspended | Revoked) else None,
        revocation=_proposal(proposal) if proposal else None,
        is_being_corrected=isinstance(state, Issued | Suspended) and state.correction is not None,
        superseded_by=Replaced(certificate=state.by, identifier=state.by_identifier)
        if isinstance(state, Superseded)
        else None,
    )


def _proposal(proposal: Proposal) -> ProposalShown:
    return ProposalShown(
        reason=proposal.reason,
        explanation=proposal.explanation,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
    )


class IssuedListed(Answer):
    """A certificate as its reviewers list it."""

    certificate: UUID
    certificate_type: str
    type_name: Words
    identifier: str
    division: str
    division_name: str
    holder_name: str
    status: Status
    revocation_waits: bool
    is_being_corrected: bool
    valid_to: date | None
    issued_at: datetime


class IssuedCertificates(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    certificates: list[IssuedListed]
    next: str | None


class LineDiffers(Answer):
    """What the paper says, and what the register says now."""

    field: str
    label: Words
    before: str
    now: str


class PaperToLookAt(Answer):
    """A certificate that a change of the register suspended. Correcting it needs nothing typed but a reason."""

    certificate: UUID
    certificate_type: str
    type_name: Words
    identifier: str
    division: str
    division_name: str
    holder_name: str
    since: datetime
    differs: list[LineDiffers]  # empty: the household moved, for instance


class PapersToLookAt(Answer):
    """The longest waiting first. `next` goes back as `after`; null at the end."""

    papers: list[PaperToLookAt]
    next: str | None


def list_to_look_at(row: ToLookAt, lines: Sequence[Line], catalogue: Catalogue) -> PaperToLookAt:
    return PaperToLookAt(
        certificate=row.certificate,
        certificate_type=row.certificate_type,
        type_name=words(catalogue.name(row.certificate_type)),
        identifier=row.identifier,
        division=row.division,
        division_name=division_name(row.division),
        holder_name=row.holder_name,
        since=row.since,
        differs=[
            LineDiffers(field=line.field.name, label=words(line.field.label), before=line.before, now=line.now)
            for line in lines
        ],
    )


def list_issued(row: HeldWithin, catalogue: Catalogue) -> IssuedListed:
    return IssuedListed(
        certificate=row.certificate,
        certificate_type=row.certificate_type,
        type_name=words(catalogue.name(row.certificate_type)),
        identifier=row.identifier,
        division=row.division,
        division_name=division_name(row.division),
        holder_name=row.holder_name,
        status=row.status,
        revocation_waits=row.revocation_waits,
        is_being_corrected=row.is_being_corrected,
        valid_to=row.valid_to,
        issued_at=row.issued_at,
    )
