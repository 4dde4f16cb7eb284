"""Events of ours that others hold, read from their envelopes. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from shared.contracts import envelope
from shared.contracts.errors import Poison
from shared.contracts.event import Event, Metadata, Recorded, Unread
from shared.contracts.member import MemberFeed, source_of
from shared.contracts.registry import Registry
from shared.eventstore import merkle
from shared.eventstore.append import Row, metadata_text
from shared.eventstore.ledger import entry

DATA = b',"data":'  # stands last in an envelope


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that others say is ours. `is_trusted`: it lay where nobody else can publish, or bears our stamp.

    `leaf`: as our ledger must have had it; None: the envelope does not tell enough.
    """

    feed: MemberFeed
    sequence: int
    id: UUID
    epoch: int
    type: str
    schema: int
    stream: str
    version: int
    recorded_at: datetime
    metadata: Metadata
    data: str
    body: str
    leaf: bytes | None
    is_trusted: bool
    stamp: str | None = None


def read_claim(body: bytes, feed: MemberFeed, *, is_trusted: bool) -> Claim | None:
    """None for what is no envelope of this feed."""
    try:
        received = envelope.parse(body)
        told = envelope.CloudEvent.model_validate(received.attributes)
        schema = int(told.dataschema.rpartition(":")[2])
        text = body.decode()
    except (Poison, ValueError):
        return None
    is_ours = received.feed == feed.full_name and told.source == source_of(feed.full_name)
    if not is_ours or told.time.tzinfo is None or not 0 < schema < 2**15 or told.streamversion >= 2**31:
        return None
    data, is_exact = _data(body, received.attributes["data"])
    leaf = None
    if is_exact and told.metadatahash is not None:
        words = (received.id, received.type, schema, received.stream, told.streamversion, told.time)
        leaf = merkle.leaf_hash(entry(*words, told.metadatahash, data))
    return Claim(
        feed,
        received.sequence,
        received.id,
        received.epoch,
        received.type,
        schema,
        received.stream,
        told.streamversion,
        told.time,
        Metadata(correlation_id=told.correlationid, causation_id=told.causationid, traceparent=told.traceparent),
        data,
        text,
        leaf,
        is_trusted,
        told.stamp,
    )


def _data(body: bytes, parsed: object) -> tuple[str, bool]:
    """The exact text that was hashed, if it stands where we put it."""
    text = body[body.find(DATA) + len(DATA) : -1]
    try:
        if orjson.loads(text) == parsed:
            return text.decode(), True
    except ValueError:
        pass
    return orjson.dumps(parsed).decode(), False


def stored_again(claim: Claim, registry: Registry) -> Row | None:
    """As it is stored with its id. None: this release cannot read it, or it belongs into no such feed.

    A type that this release does not know is stored as it came: a newer one had it.
    """
    kind = registry.class_of(claim.type)
    data: Event = Unread()
    if kind is not None:
        feed = registry.feed_of(kind)
        if feed is None or feed.full_name != claim.feed.local_name:
            return None
        try:
            data = registry.decode(claim.type, claim.schema, claim.data, claim.id)
        except Poison:
            return None
    event = Recorded(claim.id, claim.stream, claim.version, claim.type, data, claim.metadata, claim.recorded_at)
    return Row(event, claim.schema, claim.data, metadata_text(claim.metadata), claim.feed.local_name)


class Queue:
    """Claims of several feeds, in the order in which they can be stored: each feed's own, each stream's versions."""

    def __init__(self, claims: list[Claim], bridged: frozenset[str] = frozenset()) -> None:
        """`bridged`: types before which lost events can be replaced."""
        self._bridged = bridged
        feeds: dict[str, list[Claim]] = {}
        for claim in sorted(claims, key=lambda one: one.sequence, reverse=True):
            feeds.setdefault(claim.feed.full_name, []).append(claim)
        self._feeds = feeds

    def next(self, versions: dict[str, int]) -> Claim | None:
        """The earliest of those whose stream goes on with them; if there is none, the earliest that does not fit."""
        heads = [claims[-1] for claims in self._feeds.values() if claims]
        if not heads:
            return None
        fitting = [one for one in heads if fits(one, versions, self._bridged)]
        chosen = min(fitting or heads, key=lambda one: one.recorded_at)
        return self._feeds[chosen.feed.full_name].pop()


def fits(claim: Claim, versions: dict[str, int], bridged: frozenset[str] = frozenset()) -> bool:
    """Whether its stream, which has this many versions, goes on with it."""
    follows = versions.get(claim.stream, 0) + 1
    return claim.version == follows or (claim.version > follows and claim.type in bridged)
