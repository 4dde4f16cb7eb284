"""The keys with which the department speaks as issuer of credentials. Private. Stream `issuer-key-certificates`.

A new key takes the place of the one before it; what the earlier ones signed stays good, so they stay known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate


class IssuerKeyPublished(Event):
    """From now on credentials are signed with this key, which the key store keeps under `name`."""

    kid: str
    name: str
    public_key: str  # the `x` of an OKP JWK (RFC 8037)
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PublishIssuerKey:
    kid: str
    name: str
    public_key: str
    now: datetime


State = tuple[IssuerKeyPublished, ...]
"""From the oldest on."""


def decide(known: State, command: PublishIssuerKey) -> Sequence[Event]:
    if any(key.kid == command.kid for key in known):
        return []
    return [
        IssuerKeyPublished(kid=command.kid, name=command.name, public_key=command.public_key, published_at=command.now)
    ]


def evolve(known: State, event: Event) -> State:
    return (*known, event) if isinstance(event, IssuerKeyPublished) else known


ISSUER_KEY: Aggregate[State, PublishIssuerKey] = Aggregate("issuer-key", (), decide, evolve)
STREAM = ISSUER_KEY.stream("certificates")


def key_at(known: State, moment: datetime) -> IssuerKeyPublished:
    """The one that signs what was issued at a moment: so it stays the same, whatever keys come later."""
    return next((key for key in reversed(known) if key.published_at <= moment), known[0])
