"""Reasons for which medical insurance keeps a person's data."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured
from shared.contracts.identity import ErasureAsked
from shared.contracts.insurance import InsuranceErased, InsuranceKept
from shared.department.erasure import Erasure
from shared.department.erasure_finds import found_if, found_last, item_under_way
from shared.department.erasure_rules import Found
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.erasure_request import Vocabulary

UNDER_WAY = """
select exists (select from held where person = $1 and status = 'held')
    or exists (select from allowances where person = $1 and status in ('prepared', 'confirmed', 'held', 'rejected'))
    or exists (select from repayments where person = $1 and status = 'ordered')
    or exists (select from payments where payee = $2 and status in ('ordered', 'accepted'))
"""
PAYMENTS_OF = "select payment::text from payments where payee = $1 order by payment"
LAST_BOOKED = """
select max(day) from (
  select max(settled_day) as day from settlements where person = $1
  union all
  select max((decided_at at time zone 'Asia/Shanghai')::date) from payments where payee = $2 and status = 'settled'
  union all
  select max((ended_at at time zone 'Asia/Shanghai')::date) from repayments where person = $1 and status = 'repaid'
) as booked
"""


async def insured(store: Store, person: UUID) -> Found | None:
    """Now, or with money left in the personal account."""
    state = (await store.stand(INSURED.stream(person), INSURED)).state
    if not isinstance(state, Insured):
        return None
    return Found() if state.open_period or state.account > 0 else None


async def money_under_way(store: Store, person: UUID) -> Found | None:
    return await found_if(store, UNDER_WAY, person, str(person))


async def accounts(store: Store, person: UUID) -> Found | None:
    """From the day of the last voucher about the person."""
    return await found_last(store, LAST_BOOKED, person, str(person))


async def payments_of(pool: Pool, person: UUID) -> Sequence[str]:
    """Payments to the person: what a bank wrote about one stands under the payment."""
    return [row["payment"] for row in await pool.fetch(PAYMENTS_OF, str(person))]


ERASURE = Erasure(
    Vocabulary(ErasureAsked, InsuranceErased, InsuranceKept),
    Path(__file__).parent,
    {
        "insured": insured,
        "money_under_way": money_under_way,
        "accounts": accounts,
        "item_under_way": item_under_way,
    },
    also=payments_of,
)
