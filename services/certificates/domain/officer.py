"""Who may act on certificates that were issued."""

from dataclasses import dataclass
from uuid import UUID

from services.certificates.domain.life_refusals import no_such_certificate, not_your_type
from services.certificates.domain.reviewer import Reviewer
from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role


@dataclass(frozen=True, slots=True)
class Officer:
    """A reviewer or leader, and the role that reviews certificates of this type before they are issued."""

    reviewer: Reviewer
    issuing_role: Role

    @property
    def id(self) -> UUID:
        return self.reviewer.id

    def issues(self, issued: CertificateIssued) -> bool:
        """Whether he is of the body that issued it."""
        reviewer = self.reviewer
        is_of_it = self.issuing_role in reviewer.roles or reviewer.leads(issued.division)
        return is_of_it and reviewer.serves(issued.division)

    def require(self, issued: CertificateIssued) -> None:
        """Raises NotFound outside his division, NotAllowed when others issue this type."""
        if not self.reviewer.serves(issued.division):
            raise no_such_certificate()
        if not self.issues(issued):
            raise not_your_type()
