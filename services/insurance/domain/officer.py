"""Two people: whoever proposes that money moves does not decide on it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.insurance.domain import refusals


@dataclass(frozen=True, slots=True)
class Officer:
    id: UUID  # staff
    person: UUID | None = None  # who of the register they are, where identity told


class Proposed(Protocol):
    @property
    def proposed_by(self) -> UUID: ...

    @property
    def proposer(self) -> UUID | None: ...


def require_another(proposed: Proposed, officer: Officer) -> None:
    """Raises NotAllowed for the proposer, under whatever appointment they come."""
    is_same_person = officer.person is not None and officer.person == proposed.proposer
    if officer.id == proposed.proposed_by or is_same_person:
        raise refusals.another_must_decide()
