"""Serial numbers: each is claimed in a stream of its own, whose key lets one application have it. Private.

Stream `serial-<issuer>-<type>-<serial>`. A counter would be a place where all certificates of an issuer queue, and
would let anyone who can count look up the next holder; so the digits follow from the application and tell nothing.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

DIGITS = 10  # after the date
OF_ALL = "all"  # stands for the issuer, where a number is unique among all of them
OF_A_NOTICE = 8
NOTICES = "notice"  # stands for the type, of notices of refusal
OF_A_SERIES = 7  # digits of a body's own number after the letter and the province's two


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
    """A serial is unique within issuer and type, a body's own number within the type, whoever issues."""
    return f"{issuer}-{type_code}-{serial}"


def candidates(application: UUID, day: date) -> Iterator[str]:
    """The serials an application may have, in the order to try them: '20231223' and ten digits. Without end."""
    return (f"{day:%Y%m%d}{digits}" for digits in _digits(application, DIGITS))


def own_numbers(application: UUID, letter: str, division: str) -> Iterator[str]:
    """The issuing body's own, in the order to try them: 'T' and nine digits, of which two are its province's."""
    return (f"{letter}{division[:2]}{digits}" for digits in _digits(application, OF_A_SERIES))


def notice_numbers(application: UUID, year: int) -> Iterator[str]:
    """A body's numbers of the year for a notice of refusal, in the order to try them: '202601234567'. Without end."""
    return (f"{year}{digits}" for digits in _digits(application, OF_A_NOTICE))


def as_document_number(number: str) -> str:
    """文号: '不予〔2026〕01234567号'."""
    return f"不予〔{number[:4]}〕{number[4:]}号"


def _digits(application: UUID, count: int) -> Iterator[str]:
    for attempt in itertools.count(1):
        digest = sha256(application.bytes + attempt.to_bytes(4, "big")).digest()
        yield f"{int.from_bytes(digest, 'big') % 10**count:0{count}}"
