"""Reasons for which a person's notices are kept. Notification is asked last: it still has to tell the answers."""

from pathlib import Path
from uuid import UUID

from services.notification.about_erasures import OUTCOME
from shared.contracts.identity import ErasureAnswered
from shared.contracts.notification import NotificationErased, NotificationKept
from shared.department.erasure import Erasure
from shared.department.erasure_finds import found_last
from shared.department.erasure_rules import Found
from shared.eventstore.store import Store
from shared.messaging.erasure_request import Vocabulary

LAST_TOLD = """
select max((delivered_at at time zone 'Asia/Shanghai')::date) from my_notices where recipient = $1 and template = $2
"""


async def outcome_told(store: Store, person: UUID) -> Found | None:
    """From the day on which it came."""
    return await found_last(store, LAST_TOLD, person, OUTCOME)


ERASURE = Erasure(
    Vocabulary(ErasureAnswered, NotificationErased, NotificationKept),
    Path(__file__).parent,
    {"outcome_told": outcome_told},
)
