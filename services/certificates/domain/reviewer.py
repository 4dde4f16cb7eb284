"""Who reviews, whose matters are theirs, and which step of an application's chain is theirs to decide."""

from dataclasses import dataclass
from uuid import UUID

from services.certificates.domain.review_chain import REVIEWERS
from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role
from shared.standards.divisions import is_within

KINDS = frozenset(REVIEWERS.values())
VILLAGES = frozenset({Role.reviewer})


@dataclass(frozen=True, slots=True)
class Reviewer:
    id: UUID
    area: str  # the division they serve; their roles count within it
    roles: frozenset[Role] = frozenset({Role.reviewer})
    person: UUID | None = None  # who of the register they are

    def is_one_of(self, *concerned: UUID | None) -> bool:
        """Whether a matter of these persons is their own, so that they stand aside (回避)."""
        return self.person is not None and self.person in concerned

    def serves(self, division: str) -> bool:
        return is_within(division, self.area)

    @property
    def kinds(self) -> frozenset[Role]:
        """Whose matters are theirs: of bodies that review in these roles. A leader leads the bodies whose role they
        hold beside it; with none, the villages and townships.
        """
        held = self.roles & KINDS
        return held if held or Role.leader not in self.roles else VILLAGES

    def leads(self, division: str, kind: str) -> bool:
        return Role.leader in self.roles and kind in self.kinds and self.serves(division)

    def looks_after(self, division: str, kind: str) -> bool:
        """Whether they are of a body of this kind that serves the division, or lead it."""
        return kind in self.kinds and self.serves(division)

    def holds(self, step: ReviewStep, kind: str) -> bool:
        """Whether the step is of their role, and of their division or one below it; a leader's only of their kind."""
        if step.role == Role.leader:
            return self.leads(step.division, kind)
        return step.role in self.roles and self.serves(step.division)
