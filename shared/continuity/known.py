"""Tells a neighbour, and nobody else, the part of its own history that this member holds.

`known.<asked member>.<asking member>`, answered from the inbox and from the leaves that were witnessed. Three requests:

    {"ledger_after": n, "era": e}
        {"checkpoint": <head, or null>, "eras": [...], "statements": [...]}: the largest head that the asking member
        has signed and that is witnessed here, in that era, else in the last that has one, all eras that have one, and
        what it stated about its keys; then, as plain bytes, its leaves after the n-th
    {"feed": <full name>, "after": n}
        {"head": <last sequence taken in>}; then the envelopes after n, one a line

    {"keys": [...], "public_key": ...}
        {}; then the keys of persons of these ids that the asking member had given, each encrypted for its public key,
        a line each: see `key_wrapping`

As many as fit into one message. What cannot be understood is answered {"error": ...}.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import orjson
from faststream.nats import NatsBroker
from nats.aio.client import Client
from pydantic import BaseModel, ConfigDict, Field, RootModel

from shared.continuity.claims import Claim, read_claim
from shared.continuity.limits import ANSWER_WITHIN, KEYS_AT_ONCE, MOST_ERAS, MOST_OF_A_PAGE, PAGE_BYTES, PAGE_EVENTS
from shared.contracts.errors import Poison, Unavailable
from shared.contracts.member import Member, MemberFeed, provider_of
from shared.eventstore.database import Pool
from shared.eventstore.ledger_keys import MOST_STATEMENTS
from shared.eventstore.merkle import HASH_SIZE
from shared.eventstore.person_keys import GivenKey, PersonKeys
from shared.eventstore.signed_head import LONGEST_NOTE
from shared.messaging import key_wrapping
from shared.messaging.answers import Misanswered, read_number, read_object, said
from shared.messaging.ledger_pages import PAGE_LEAVES, read_statements
from shared.messaging.question import reads
from shared.messaging.witness_store import WitnessStore

# the eras in which anything was witnessed under the key that is pinned now, or under one that it followed; the last of
# them knows of all epochs before
HEADS = """
with recursive keys as (select era, key from witnessed_keys where department = $1),
followed (key) as (
  (select key from keys order by era desc limit 1)
  union
  select s.before from followed join witnessed_statements s on s.department = $1 and s.key = followed.key
)
select w.era, w.size, w.note
from keys cross join lateral (
  select era, size, note from witnessed where department = $1 and era = keys.era order by size desc limit 1
) w
where key in (select key from followed)
order by w.era desc limit $2
"""
STATEMENTS = """
select statement from (
  select distinct on (statement) statement, era, nth from witnessed_statements
  where department = $1 order by statement, era, nth
) s
order by era desc, nth desc limit $2
"""
LAST = "select coalesce(max(sequence), 0) from inbox where feed = $1"
EVENTS = """
select sequence, event from (
  select sequence, event, sum(octet_length(event::text)) over (order by sequence rows unbounded preceding) as bytes
  from (select sequence, event from inbox where feed = $1 and sequence > $2 order by sequence limit $3) few
) page
where bytes <= $4 or sequence = (select min(sequence) from inbox where feed = $1 and sequence > $2)
order by sequence
"""

Number = Annotated[int, Field(ge=0, lt=2**63)]


class AskLedger(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ledger_after: Number
    era: Number | None = None


class AskFeed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    feed: str = Field(max_length=200)
    after: Number


class AskKeys(BaseModel):
    """`public_key`: of the asking member, whose keys these are."""

    model_config = ConfigDict(extra="forbid")

    keys: list[Annotated[str, Field(max_length=20)]] = Field(max_length=KEYS_AT_ONCE)
    public_key: str = Field(max_length=100)


class Ask(RootModel[AskLedger | AskFeed | AskKeys]):
    """Of the asking member's own ledger or feed, or for keys of its own."""


def subject(asked: str, asking: str) -> str:
    """'known.local.customs.local.harbour'"""
    return f"known.{asked}.{asking}"


# What we answer


def answer_known(
    broker: NatsBroker, pool: Pool, member: Member, neighbours: Sequence[str], keys: PersonKeys | None = None
) -> None:
    """Declare the responders, one a neighbour; the instances of a department share the work."""
    for neighbour in neighbours:
        _answer(broker, pool, member, neighbour, keys)


def _answer(broker: NatsBroker, pool: Pool, member: Member, neighbour: str, keys: PersonKeys | None) -> None:
    async def known(ask: Ask | None) -> bytes:
        match ask.root if ask else None:
            case AskLedger(ledger_after=after, era=era):
                return await ledger_page(pool, neighbour, after, era)
            case AskFeed(feed=feed, after=after) if provider_of(feed) == neighbour:
                return await feed_page(pool, feed, after)
            case AskKeys() as asked if keys is not None:
                return await keys_page(neighbour, asked, keys)
            case _:
                return b'{"error": "ask for your own history, with ledger_after, or with feed and after"}'

    broker.subscriber(
        subject(str(member), neighbour), queue=member.dashed, decoder=reads(Ask), title=f"known of {neighbour}"
    )(known)


async def ledger_page(pool: Pool, neighbour: str, after: int, era: int | None = None) -> bytes:
    rows = {row["era"]: row for row in await pool.fetch(HEADS, neighbour, MOST_ERAS)}
    row = rows.get(max(rows, default=0) if era is None else era)
    if row is None:
        return b'{"checkpoint": null}\n'
    until = min(row["size"], after + PAGE_LEAVES)
    leaves = await WitnessStore(pool, neighbour, row["era"]).leaves(after, until) if until > after else b""
    told = [one["statement"] for one in await pool.fetch(STATEMENTS, neighbour, MOST_STATEMENTS)][::-1]
    return orjson.dumps({"checkpoint": row["note"], "eras": sorted(rows), "statements": told}) + b"\n" + leaves


async def feed_page(pool: Pool, feed: str, after: int) -> bytes:
    rows = await pool.fetch(EVENTS, feed, after, PAGE_EVENTS, PAGE_BYTES)
    head = await pool.fetchval(LAST, feed)  # asked last, so it is never below what is given
    return b"\n".join([orjson.dumps({"head": head}), *(row["event"].encode() for row in rows)])


async def keys_page(neighbour: str, ask: AskKeys, keys: PersonKeys) -> bytes:
    """Those of its own keys that we have, a message a line."""
    reader = key_wrapping.public_key(ask.public_key)
    found = await keys.given(neighbour, ask.keys)
    return b"\n".join([b"{}", *(key_wrapping.message(one, reader) for one in found)])


# What we ask


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """`note`: the head, not yet verified; None: nothing of ours was witnessed."""

    note: str | None
    leaves: list[bytes]
    eras: tuple[int, ...] = ()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPage:
    """`head`: the last sequence that the neighbour has taken in."""

    head: int
    claims: list[Claim]


async def ask_ledger(client: Client, asked: str, asking: str, after: int, era: int | None = None) -> LedgerPage:
    """Raises Misanswered, Unavailable or nats errors."""
    question = orjson.dumps({"ledger_after": after} | ({} if era is None else {"era": era}))
    answer = await client.request(subject(asked, asking), question, timeout=ANSWER_WITHIN)
    return read_ledger_page(asked, answer.data)


def read_ledger_page(asked: str, answer: bytes) -> LedgerPage:
    """Raises Misanswered, or Unavailable when the neighbour says that it cannot answer."""
    what = f"ledger known to {asked}"
    first, _, leaves = answer.partition(b"\n")
    told = read_object(first, what)
    if "error" in told:
        raise Unavailable(f"{what}: {said(told['error'])}")
    note = told.get("checkpoint")
    if note is None:
        return LedgerPage(None, [])
    if not isinstance(note, str) or len(note) > LONGEST_NOTE:
        raise Misanswered(f"{what}: no signed head")
    if len(leaves) > PAGE_LEAVES * HASH_SIZE or len(leaves) % HASH_SIZE:
        raise Misanswered(f"{what}: no leaves, or too many")
    eras = told.get("eras", [])
    if not isinstance(eras, list) or len(eras) > MOST_ERAS or any(type(era) is not int for era in eras):
        raise Misanswered(f"{what}: no eras")
    hashes = [leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE)]
    return LedgerPage(note, hashes, tuple(eras), read_statements(told, what))


async def ask_feed(client: Client, asked: str, feed: MemberFeed, after: int) -> FeedPage:
    """Raises Misanswered, Unavailable or nats errors."""
    question = orjson.dumps({"feed": feed.full_name, "after": after})
    answer = await client.request(subject(asked, str(feed.member)), question, timeout=ANSWER_WITHIN)
    return read_feed_page(asked, feed, after, answer.data)


def read_feed_page(asked: str, feed: MemberFeed, after: int, answer: bytes) -> FeedPage:
    """Raises Misanswered, or Unavailable when the neighbour says that it cannot answer."""
    what = f"{feed.full_name} known to {asked}"
    first, *lines = answer.split(b"\n", MOST_OF_A_PAGE + 1)
    told = read_object(first, what)
    if "error" in told:
        raise Unavailable(f"{what}: {said(told['error'])}")
    head = read_number(told, "head", what)
    claims = [read_claim(line, feed, is_trusted=False) for line in lines[:MOST_OF_A_PAGE] if line]
    good = [one for one in claims if one is not None]
    if len(good) != len(claims) or any(one.sequence > head for one in good):
        raise Misanswered(f"{what}: a line that is no event of it")
    numbers = [one.sequence for one in good]
    if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= after):
        raise Misanswered(f"{what}: events out of order")
    return FeedPage(head, good)


async def ask_keys(client: Client, asked: str, asking: str, ids: Sequence[str], own: bytes) -> list[GivenKey]:
    """Keys of the asking member's own. `own`: the 32 bytes that its public key follows from. Raises Unavailable or nats
    errors."""
    question = AskKeys(keys=list(ids), public_key=key_wrapping.public_text(own)).model_dump_json().encode()
    answer = await client.request(subject(asked, asking), question, timeout=ANSWER_WITHIN)
    told = read_object(answer.data.split(b"\n", 1)[0], f"keys of {asked}")
    if "error" in told:
        raise Unavailable(f"keys of {asked}: {said(told['error'])}")
    private = key_wrapping.private_key(own)
    found = []
    for line in answer.data.split(b"\n")[1 : len(ids) + 1]:
        with suppress(Poison):
            found.append(key_wrapping.read(line, private))
    return [one for one in found if one.id in set(ids)]
