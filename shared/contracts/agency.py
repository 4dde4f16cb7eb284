"""What is done for somebody under a mandate says so: under which one, by whom."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Agency:
    """An agent acts for their principal."""

    mandate: UUID
    agent: UUID
    agent_name: str


class Stated(TypedDict):
    """The fields of an event that tell of an agency; all None where a person acts for themselves."""

    mandate: UUID | None
    agent: UUID | None
    agent_name: str | None


def stated(agency: Agency | None) -> Stated:
    if agency is None:
        return Stated(mandate=None, agent=None, agent_name=None)
    return Stated(mandate=agency.mandate, agent=agency.agent, agent_name=agency.agent_name)
