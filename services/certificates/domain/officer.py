"""Who may act on certificates that were issued."""

from dataclasses import dataclass
from uuid import UUID

from services.certificates.domain.life_refusals import no_such_certificate
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from shared.contracts.standing_aside import not_ones_own_matter


@dataclass(frozen=True, slots=True)
class Officer:
    """A reviewer or leader, and the role that reviews certificates of this type before they are issued."""

    reviewer: Reviewer
    issuing_role: Role

    @property
    def id(self) -> UUID:
        return self.reviewer.id

    def issues(self, issued: CertificateIssued) -> bool:
        """Whether they are of the body that issued it, or lead it."""
        return self.reviewer.looks_after(issued.division, self.issuing_role)

    def require(self, issued: CertificateIssued) -> None:
        """Raises NotFound for another division's and for a type that others issue, Refused for one of their own."""
        if not self.issues(issued):
            raise no_such_certificate()
        if self.reviewer.is_one_of(issued.citizen, issued.guardian):
            raise not_ones_own_matter()
