"""Serial numbers: each is claimed in a stream of its own, whose key lets one application have it. Private.

Stream `serial-<issuer>-<type>-<serial>`. A counter would be a place where all certificates of an issuer queue, and
would let anyone who can count look up the next holder; so the digits follow from the application and tell nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

DIGITS = 10  # after the date


class SerialClaimed(Event):
    """This number is the one of this application's certificate, for good."""

    application: UUID


@dataclass(frozen=True, slots=True)
class ClaimSerial:
    application: UUID


State = UUID | None
"""The application that has the number."""


def decide(holder: State, command: ClaimSerial) -> Sequence[Event]:
    """Whoever comes later gets no event, and reads in the state who was first."""
    return [SerialClaimed(application=command.application)] if holder is None else []


def evolve(holder: State, event: Event) -> State:
    return event.application if isinstance(event, SerialClaimed) else holder


SERIAL: Aggregate[State, ClaimSerial] = Aggregate("serial", None, decide, evolve)


def claim_id(issuer: str, type_code: str, serial: str) -> str:
    """A serial is unique within issuer and type."""
    return f"{issuer}-{type_code}-{serial}"


def candidates(application: UUID, day: date) -> Iterator[str]:
    """The serials an application may have, in the order to try them: '20231223' and ten digits. Without end."""
    attempt = 1
    while True:
        digest = sha256(application.bytes + attempt.to_bytes(4, "big")).digest()
        yield f"{day:%Y%m%d}{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}}"
        attempt += 1
