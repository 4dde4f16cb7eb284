"""The envelope on the road: CloudEvents 1.0, JSON structured mode (CloudEvents NATS protocol binding).

The data goes in and comes out as the exact bytes that are stored and hashed: it is spliced, never re-encoded. It stands
last, so that it can be cut out again. `metadatahash` is the hex SHA-256 of the stored metadata: with it, whoever holds
an envelope can make the event's leaf in its department's ledger.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.epochs import FIRST
from shared.contracts.epochs import MOST as MOST_EPOCHS
from shared.contracts.errors import Poison
from shared.contracts.event import Json, Metadata, Recorded
from shared.contracts.member import provider_of, source_of
from shared.contracts.registry import Registry, holds_nul
from shared.standards import trace

LONGEST_NAME = 300
"""Characters of a feed's, type's or stream's name, and of an id. Ours are shorter; PostgreSQL indexes them."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event as the log holds it: still bytes, with its number in its feed."""

    feed: str  # 'local.identity.people'
    sequence: int
    id: UUID
    type: str
    schema: int
    stream: str
    version: int
    data: str
    metadata: str
    recorded_at: datetime
    epoch: int = FIRST
    previous: UUID | None = None  # the id of the event before it in its feed; None: it is the first
    leaf: bytes | None = None  # in the ledger


def encode(event: Numbered, stamp: str | None = None) -> bytes:
    """One CloudEvent in JSON. `dataschema` is 'urn:tongban:<type>:<schema number>'; `stamp`: its department knows it
    again by this."""
    metadata = orjson.loads(event.metadata)
    envelope = {
        "specversion": "1.0",
        "id": str(event.id),
        "source": source_of(event.feed),
        "type": event.type,
        "subject": event.stream,
        "time": event.recorded_at,
        "datacontenttype": "application/json",
        "dataschema": f"urn:tongban:{event.type}:{event.schema}",
        "feed": event.feed,
        "sequence": event.sequence,
        "epoch": event.epoch,
        "streamversion": event.version,
        "metadatahash": metadata_hash(event.metadata),
    }
    if event.previous is not None:
        envelope["previous"] = str(event.previous)
    if stamp is not None:
        envelope["stamp"] = stamp
    for attribute, key in (
        ("traceparent", "traceparent"),
        ("correlationid", "correlation_id"),
        ("causationid", "causation_id"),
    ):
        if metadata.get(key):
            envelope[attribute] = metadata[key]
    envelope["data"] = orjson.Fragment(event.data)
    return orjson.dumps(envelope)


def metadata_hash(metadata: str) -> str:
    """Of the stored text."""
    return sha256(metadata.encode()).hexdigest()


class CloudEvent(BaseModel):
    """The attributes of an envelope as a subscriber reads them; unknown extensions are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    feed: str
    sequence: int = Field(ge=1)
    epoch: int = Field(default=FIRST, ge=FIRST)
    previous: UUID | None = None
    streamversion: int = Field(ge=1)
    metadatahash: str | None = None
    stamp: str | None = None
    traceparent: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came off the road: parsed, not yet understood."""

    feed: str  # 'local.identity.people'
    sequence: int
    id: UUID
    type: str
    stream: str
    body: bytes
    attributes: Json
    epoch: int = FIRST
    previous: UUID | None = None  # None: the first of its feed, or its provider does not say


def parse(body: bytes) -> Received:
    """Read what is needed to store it and put it in order. Raises Poison when there is no envelope in it."""
    try:
        attributes = orjson.loads(body)
        names = attributes["feed"], attributes["type"], attributes["subject"]
        sequence, id = attributes["sequence"], UUID(attributes["id"])
        epoch, previous = attributes.get("epoch", FIRST), attributes.get("previous")
        previous = None if previous is None else UUID(previous)
        are_names = all(names) and "".join(names).isprintable() and max(map(len, names)) <= LONGEST_NAME
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Poison("a message is no CloudEvent of a feed") from None
    is_numbered = type(sequence) is int and 0 < sequence < 2**63 and type(epoch) is int and 0 < epoch <= MOST_EPOCHS
    if not is_numbered or not are_names:
        raise Poison("a message is no CloudEvent of a feed")
    feed, type_name, stream = names
    return Received(feed, sequence, id, type_name, stream, body, attributes, epoch, previous)


def decode(received: Received, registry: Registry) -> Recorded:
    """Read an envelope whole. Raises Poison when it cannot be read."""
    if b"\\u0000" in received.body and holds_nul(received.body.decode()):
        raise Poison("an envelope holds U+0000, which no database of ours can keep as text")
    attributes = received.attributes
    try:
        schema = int(attributes["dataschema"].rpartition(":")[2])
        return Recorded(
            id=received.id,
            stream=received.stream,
            version=_version(attributes["streamversion"]),
            type=received.type,
            data=registry.decode(received.type, schema, attributes["data"], received.id, provider_of(received.feed)),
            metadata=Metadata(
                correlation_id=_id(attributes.get("correlationid")),
                causation_id=_id(attributes.get("causationid")),
                traceparent=trace.valid(attributes.get("traceparent")),
            ),
            recorded_at=_moment(attributes["time"]),
            feed=received.feed,
            sequence=received.sequence,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Poison(f"an envelope cannot be read: {type(error).__name__}") from None


def _version(value: object) -> int:
    if type(value) is not int or not 0 < value < 2**31:
        raise ValueError("no version of a stream")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _id(value: object) -> str | None:
    """What only helps to follow a story may be missing; what is no such id is taken as missing."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_NAME else None
