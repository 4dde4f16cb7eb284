"""Mandates as identity tells of them, for tests of the departments that honour them."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from shared.contracts.identity import MandateAccepted, MandateEnded
from shared.standards.shanghai import day_in_shanghai
from tests.department import Department


async def let_act(
    department: Department, principal: UUID, agent: UUID, *matters: str, until: date | None = None
) -> UUID:
    """The agent accepted; by default today is its last day."""
    mandate, now = uuid4(), datetime.now(UTC)
    event = MandateAccepted(
        mandate=mandate,
        principal=principal,
        principal_name="李四",
        agent=agent,
        agent_name="张三",
        matters=matters,
        until=until or day_in_shanghai(now),
        accepted_at=now,
    )
    await department.give(f"mandate-{mandate}", event)
    return mandate


async def end_mandate(department: Department, principal: UUID, agent: UUID, mandate: UUID) -> None:
    event = MandateEnded(
        mandate=mandate,
        principal=principal,
        principal_name="李四",
        agent=agent,
        agent_name="张三",
        reason="by_principal",
        by=principal,
        ended_at=datetime.now(UTC),
    )
    await department.give(f"mandate-{mandate}", event)
