"""Mandates as identity tells of them, for tests of the departments that honour them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from shared.contracts.event import Event
from shared.contracts.identity import MandateAccepted, MandateEnded
from shared.standards.shanghai import day_in_shanghai
from tests.department import Department

HELD, OVER = UUID(int=0xA1), UUID(int=0xA2)


def accepted(
    mandate: UUID, principal: UUID, agent: UUID, *matters: str, at: datetime, until: date | None = None
) -> MandateAccepted:
    """By default its last day is the day of `at`."""
    return MandateAccepted(
        mandate=mandate,
        principal=principal,
        principal_name="李四",
        agent=agent,
        agent_name="张三",
        matters=matters,
        until=until or day_in_shanghai(at),
        accepted_at=at,
    )


def ended(mandate: UUID, principal: UUID, agent: UUID, *, at: datetime) -> MandateEnded:
    return MandateEnded(
        mandate=mandate,
        principal=principal,
        principal_name="李四",
        agent=agent,
        agent_name="张三",
        reason="by_principal",
        by=principal,
        ended_at=at,
    )


def lives_of_mandates(principal: UUID, agent: UUID, at: datetime) -> dict[str, list[Event]]:
    """One that holds and one that is over, by stream."""
    return {
        f"mandate-{HELD}": [accepted(HELD, principal, agent, "certificates.read", at=at)],
        f"mandate-{OVER}": [
            accepted(OVER, principal, agent, "certificates.read", at=at),
            ended(OVER, principal, agent, at=at),
        ],
    }


async def let_act(
    department: Department, principal: UUID, agent: UUID, *matters: str, until: date | None = None
) -> UUID:
    """The agent accepted; by default today is its last day."""
    mandate = uuid4()
    event = accepted(mandate, principal, agent, *matters, at=datetime.now(UTC), until=until)
    await department.give(f"mandate-{mandate}", event)
    return mandate


async def end_mandate(department: Department, principal: UUID, agent: UUID, mandate: UUID) -> None:
    await department.give(f"mandate-{mandate}", ended(mandate, principal, agent, at=datetime.now(UTC)))
