"""Who reviews, and which step of an application's chain is his to decide."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role
from shared.standards.divisions import is_within

REVIEWING = frozenset(
    {
        Role.reviewer,
        Role.police_reviewer,
        Role.health_reviewer,
        Role.insurance_clerk,
        Role.social_security_clerk,
        Role.leader,
    }
)


@dataclass(frozen=True, slots=True)
class Reviewer:
    id: UUID
    area: str  # the division he serves; his roles count within it
    roles: frozenset[Role] = frozenset({Role.reviewer})

    def serves(self, division: str) -> bool:
        return is_within(division, self.area)

    def leads(self, division: str) -> bool:
        return Role.leader in self.roles and self.serves(division)

    def holds(self, step: ReviewStep) -> bool:
        """Whether the step is of his role, and of his division or one below it."""
        return step.role in self.roles and self.serves(step.division)
