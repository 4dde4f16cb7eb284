"""Accounts that proved a phone and nothing else: rows that are swept, no events.

Whom their holder claims to be is kept as a pseudonym only. Nothing rests on it until it is proved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from uuid import UUID

import asyncpg

from services.identity.pseudonyms import Pseudonyms
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

KEPT_FOR = timedelta(days=30)
MOST_OF_A_PHONE = 5  # the newest
NONCE_LIVES = timedelta(minutes=10)

OPEN = """
with gone as (
  delete from phone_accounts where id in (
    select id from phone_accounts where phone_key = $2 and id <> $1 order by opened_at desc offset $7 limit 100
  )
)
insert into phone_accounts (id, phone_key, phone, password_hash, opened_at, ends_at) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update
set password_hash = excluded.password_hash, opened_at = excluded.opened_at, ends_at = excluded.ends_at, nonce = null
"""
ONE = """
select id, phone, password_hash, opened_at, ends_at, nonce, nonce_until from phone_accounts
where id = $1 and ends_at > $2
"""
CHALLENGE = "update phone_accounts set nonce = $2, nonce_until = $3 where id = $1 and ends_at > $4 returning id"
CLOSE = "delete from phone_accounts where id = $1"


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    id: UUID
    phone: MobileNumber
    password_hash: str
    opened_at: datetime
    ends_at: datetime
    nonce: str | None = None
    nonce_until: datetime | None = None

    @property
    def is_initial(self) -> bool:
        """Its holder chose the password."""
        return False


class PhoneAccounts:
    def __init__(self, pool: Pool, pseudonyms: Pseudonyms) -> None:
        self._pool = pool
        self._pseudonyms = pseudonyms

    async def open(self, number: IdNumber, phone: MobileNumber, password_hash: str, now: datetime) -> PhoneAccount:
        """The account of this number and phone, anew when there is one. The phone's oldest gives way to a sixth."""
        id = self._pseudonyms.phone_account(number, phone)
        ends_at = now + KEPT_FOR
        await self._pool.execute(
            OPEN, id, self._pseudonyms.phone(phone), phone, password_hash, now, ends_at, MOST_OF_A_PHONE - 1
        )
        return PhoneAccount(id, phone, password_hash, now, ends_at)

    async def of(self, number: IdNumber, phone: str, now: datetime) -> PhoneAccount | None:
        """One look-up, whatever there is."""
        return await self.find(self._pseudonyms.phone_account(number, phone), now)

    async def find(self, id: UUID, now: datetime) -> PhoneAccount | None:
        row = await self._pool.fetchrow(ONE, id, now)
        return _account(row) if row else None

    def is_of(self, id: UUID, number: IdNumber, phone: MobileNumber) -> bool:
        """Whether the account was opened under this number."""
        return id == self._pseudonyms.phone_account(number, phone)

    async def challenge(self, id: UUID, now: datetime) -> tuple[str, datetime] | None:
        """The nonce that the next proof must bear, and when it ends. None: there is no such account."""
        nonce, until = token_urlsafe(24), now + NONCE_LIVES
        found = await self._pool.fetchval(CHALLENGE, id, nonce, until, now)
        return None if found is None else (nonce, until)

    async def close(self, id: UUID) -> None:
        await self._pool.execute(CLOSE, id)


def _account(row: asyncpg.Record) -> PhoneAccount:
    return PhoneAccount(**{**row, "phone": MobileNumber(row["phone"])})
