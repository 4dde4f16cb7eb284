"""The notice of a refusal (不予出具通知书): another document than the certificate, and told to the applicant alone.

It has no status, no public check and no place among the certificates; it stands in its application's stream.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from services.certificates.domain.application_state import Closed, Open, Refused
from services.certificates.domain.notice_issued import NoticeIssued
from services.certificates.domain.seal_use import SealUsed
from shared.contracts.event import Event


@dataclass(frozen=True, slots=True)
class IssueNotice:
    """`signed`, `sealed`: hashes of the page, and of page and signature."""

    issued: NoticeIssued
    signed: str
    sealed: str


def notice_of(application: UUID) -> UUID:
    return uuid5(application, "notice")


def issue_notice(state: Open | Closed, command: IssueNotice) -> Sequence[Event]:
    issued = command.issued
    if not isinstance(state, Refused) or state.has_notice:
        return []
    return [
        SealUsed(seal=issued.signature, certificate=issued.notice, digest=command.signed, used_at=issued.issued_at),
        SealUsed(seal=issued.seal, certificate=issued.notice, digest=command.sealed, used_at=issued.issued_at),
        issued,
    ]
