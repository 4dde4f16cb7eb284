"""Takes away what the frame's tables keep for a time only: counts, codes, messages, assertions, accounts, tickets."""

from datetime import UTC, datetime

from shared.department import message_gateway
from shared.department.sweeping import keep_sweeping
from shared.eventstore.database import Pool
from shared.eventstore.wake import Wake

EVERY = 300.0  # seconds, about

PAST = (
    "delete from counts where until <= $1",
    "delete from codes where until <= $1",
    "delete from used_assertions where until <= $1",
    "delete from phone_accounts where ends_at <= $1",
    "delete from kiosk_tickets where until <= $1",
)


async def tidy(pool: Pool, now: datetime) -> None:
    for statement in PAST:
        await pool.execute(statement, now)
    await pool.execute(message_gateway.SWEEP, now - message_gateway.KEPT_FOR)


async def keep_tidy(pool: Pool) -> None:
    """A duty of the leader."""

    async def sweep() -> None:
        await tidy(pool, datetime.now(UTC))

    await keep_sweeping(Wake(), sweep, every=EVERY)
