"""Ledger pages by request-reply: any part of a department's ledger, signed, for whoever witnesses it.

`ledger.<jurisdiction>.<department>`, request {"after": n, "until": m}: the answer's first line is JSON,
{"checkpoint": <signed head>, "statements": [...]}; then come, as plain bytes, the leaves after the n-th up to the size
in that head, 32 bytes each. That size is m, or what fits into one message, or all there is; no leaves come when it is
n or less. What cannot be understood is answered {"error": ...}. The statements are about the keys that sign heads, see
`shared/eventstore/ledger_keys.py`; there are none where the first key still signs.
"""

from dataclasses import dataclass

import orjson
import structlog
from faststream.nats import NatsBroker
from nats.aio.client import Client
from pydantic import BaseModel, Field

from shared.contracts.errors import Unavailable
from shared.contracts.event import Json
from shared.contracts.member import Member
from shared.eventstore.ledger import Damaged, Ledger
from shared.eventstore.ledger_keys import LONGEST_STATEMENT, MOST_STATEMENTS, LedgerKeys
from shared.eventstore.ledger_signer import KeyAway, LedgerSigner
from shared.eventstore.merkle import HASH_SIZE
from shared.eventstore.signed_head import LONGEST_NOTE
from shared.messaging.answers import Misanswered, read_object, said
from shared.messaging.question import NOT_READY, IsReady, reads

log = structlog.get_logger(__name__)

PAGE_LEAVES = 16_000  # 512,000 bytes: below the broker's max_payload of 1 MiB
TIMEOUT = 10.0  # seconds


def subject(member: str) -> str:
    """'ledger.local.identity'"""
    return f"ledger.{member}"


class Ask(BaseModel):
    """The leaves after this many, up to that many, please."""

    after: int = Field(ge=0, lt=2**63)
    until: int = Field(ge=0, lt=2**63)


@dataclass(frozen=True, slots=True)
class Page:
    """A signed head, not yet verified, and the leaves that lead to it."""

    note: str
    leaves: list[bytes]
    statements: tuple[str, ...] = ()


def answer_pages(broker: NatsBroker, ledger: Ledger, signer: LedgerSigner, member: Member, is_ready: IsReady) -> None:
    """Declare the responder; the instances of a department share the work."""

    async def pages(ask: Ask | None) -> bytes:
        if ask is None:
            return b'{"error": "ask with {\\"after\\": <size>, \\"until\\": <size>}"}'
        if not await is_ready():
            return NOT_READY
        try:
            return await page(ledger, signer, ask)
        except KeyAway:
            return NOT_READY
        except Damaged as damage:
            log.error("no page of the ledger can be given", error=str(damage))  # noqa: TRY400 - where does not matter
            return b'{"error": "the ledger is damaged"}'

    broker.subscriber(subject(str(member)), queue=member.dashed, decoder=reads(Ask), title=f"ledger of {member}")(pages)


async def page(ledger: Ledger, signer: LedgerSigner, ask: Ask) -> bytes:
    size = min(await ledger.size(), ask.until, ask.after + PAGE_LEAVES)
    signed = await signer.sign(ledger, size)
    leaves = await ledger.leaves(ask.after, size) if size > ask.after else b""
    return orjson.dumps({"checkpoint": signed.head.note} | _statements(signed.keys)) + b"\n" + leaves


async def told_head(ledger: Ledger, signer: LedgerSigner) -> Json:
    """What a department's announcement says of its ledger: its present head, and the keys to verify it with."""
    try:
        signed = await signer.sign(ledger, await ledger.size())
    except KeyAway:
        return {}
    except Damaged as damage:
        log.error("no head of the ledger can be told", error=str(damage))  # noqa: TRY400 - where does not matter
        return {}
    return {"checkpoint": signed.head.note, "key": signed.keys.present} | _statements(signed.keys)


def _statements(keys: LedgerKeys) -> Json:
    return {"statements": list(keys.statements)} if keys.statements else {}


def read_statements(told: Json, what: str) -> tuple[str, ...]:
    """What is told about keys, not yet verified. Raises Misanswered."""
    statements = told.get("statements", [])
    if not isinstance(statements, list) or len(statements) > MOST_STATEMENTS:
        raise Misanswered(f"{what}: no statements about keys")
    if any(not isinstance(one, str) or len(one) > LONGEST_STATEMENT for one in statements):
        raise Misanswered(f"{what}: no statements about keys")
    return tuple(statements)


async def ask_page(client: Client, member: str, after: int, until: int) -> Page:
    """Raises Misanswered when it is no page, Unavailable or nats errors when the department does not answer."""
    question = Ask(after=after, until=until).model_dump_json().encode()
    answer = await client.request(subject(member), question, timeout=TIMEOUT)
    return read_page(member, answer.data)


def read_page(member: str, answer: bytes) -> Page:
    """Raises Misanswered, or Unavailable when the department says that it cannot answer. Whether the leaves come to the
    head is the witness's to see."""
    what = f"ledger of {member}"
    first, _, leaves = answer.partition(b"\n")
    told = read_object(first, what)
    if "error" in told:
        raise Unavailable(f"{what}: {said(told['error'])}")
    note = told.get("checkpoint")
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise Misanswered(f"{what}: no signed head")
    if len(leaves) > PAGE_LEAVES * HASH_SIZE:
        raise Misanswered(f"{what}: more than {PAGE_LEAVES} leaves")
    hashes = [leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE)]
    return Page(note, hashes, read_statements(told, what))
