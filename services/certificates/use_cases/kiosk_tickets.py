"""Short proofs of who stands at a kiosk. One a kiosk, for minutes; nobody else's, and at no other kiosk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Literal
from uuid import UUID

from shared.contracts.errors import NotAllowed
from shared.eventstore.database import Pool

LASTS = timedelta(minutes=3)

Means = Literal["code", "card"]

OPEN = """
insert into kiosk_tickets (kiosk, ticket, holder, proof, until) values ($1, $2, $3, $4, $5)
on conflict (kiosk) do update
set ticket = excluded.ticket, holder = excluded.holder, proof = excluded.proof, until = excluded.until
"""
FIND = "select holder, proof from kiosk_tickets where kiosk = $1 and ticket = $2 and until > $3"
END = "delete from kiosk_tickets where kiosk = $1 and ticket = $2"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the kiosk holds while the person is there."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """The person a living ticket stands for, and what they proved it by."""

    holder: UUID
    proof: Means


async def open_ticket(pool: Pool, kiosk: UUID, holder: UUID, proof: Means, now: datetime) -> Ticket:
    """The one before, if any, ends with it."""
    ticket = Ticket(token_urlsafe(32), now + LASTS)
    await pool.execute(OPEN, kiosk, _digest(ticket.text), holder, proof, ticket.until)
    return ticket


async def present(pool: Pool, kiosk: UUID, ticket: str | None, now: datetime) -> Present:
    """Raises NotAllowed "proof_needed" without a living ticket of this very kiosk."""
    row = await pool.fetchrow(FIND, kiosk, _digest(ticket), now) if ticket else None
    if row is None:
        raise proof_needed()
    return Present(row["holder"], row["proof"])


async def end_ticket(pool: Pool, kiosk: UUID, ticket: str) -> None:
    """Ended already, or never given: nothing happens."""
    await pool.execute(END, kiosk, _digest(ticket))


def proof_needed() -> NotAllowed:
    return NotAllowed(
        "proof_needed",
        "请先在本终端刷身份证，或凭发送至本人手机的验证码核验身份，再办理。",
        "Please prove who you are at this kiosk first: by your ID card, or by a code sent to your phone.",
    )


def _digest(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
