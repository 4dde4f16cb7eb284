"""The money, in double entry: each row takes from one account what it gives to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.insurance.domain.events import (
    AccountCredited,
    PaymentBooked,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
)
from services.insurance.domain.postings import postings_of
from shared.contracts.event import Recorded
from shared.contracts.insurance import (
    ClaimSettled,
    RepaymentDropped,
    RepaymentOrdered,
    RepaymentRecorded,
    SettlementReversed,
)
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.standards.divisions import WHOLE_COUNTRY, span


def project(event: Recorded) -> Iterator[Statement]:
    for line, posting in enumerate(postings_of(event.data)):
        yield (
            "posted",
            (event.id, line, posting.debit, posting.credit, posting.amount, posting.region, event.recorded_at),
        )


LEDGER_ENTRIES = ReadModel.beside(
    __file__,
    version=3,
    events=(
        ClaimSettled,
        SettlementReversed,
        RepaymentOrdered,
        RepaymentRecorded,
        RepaymentDropped,
        AccountCredited,
        PaymentBooked,
        PaymentOrdered,
        PaymentSettled,
        PaymentRejected,
    ),
    project=project,
)

BALANCE = """
select account, sum(debit) as debit, sum(credit) as credit
from (
  select case when debit like 'personal_account:%' then 'personal_account' else debit end as account,
         amount as debit, 0 as credit from ledger_entries where region between $1 and $2
  union all
  select case when credit like 'personal_account:%' then 'personal_account' else credit end,
         0, amount from ledger_entries where region between $1 and $2
) as sides
group by account order by account
"""
OF_ACCOUNT = """
select coalesce(sum(case when credit = $1 then amount else -amount end), 0)
from ledger_entries where debit = $1 or credit = $1
"""
OF_EVENT = "select debit, credit, amount from ledger_entries where event = $1 order by line"


@dataclass(frozen=True, slots=True)
class AccountSum:
    account: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    debit: str
    credit: str
    amount: Decimal


async def trial_balance(pool: Pool, area: str = WHOLE_COUNTRY) -> list[AccountSum]:
    """Both sides of every account in the books of an area's regions; personal accounts together, for nobody's is
    shown here. Each region's books balance by themselves."""
    return [AccountSum(**row) for row in await pool.fetch(BALANCE, *span(area))]


async def balance_of(pool: Pool, account: str) -> Decimal:
    """Credit less debit."""
    balance: Decimal = await pool.fetchval(OF_ACCOUNT, account)
    return balance


async def entries_of(pool: Pool, event: UUID) -> list[Entry]:
    return [Entry(**row) for row in await pool.fetch(OF_EVENT, event)]
