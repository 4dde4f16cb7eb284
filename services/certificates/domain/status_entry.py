"""Entries of status lists: each is claimed in a stream of its own, whose key lets one certificate have it. Private.

Stream `status-<list>-<index>`. As serials do, entries follow from the certificate: no counter to queue at, nothing
to be learnt from a neighbouring entry, and the same entry again when issuing is repeated. Never given back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

SIZE = 2**17  # entries of a list
TRIES = 8  # entries of one list; a list nearly full sends its certificates on to the month's next


class StatusEntryClaimed(Event):
    """This entry is the one of this certificate, for good."""

    certificate: UUID


@dataclass(frozen=True, slots=True)
class ClaimStatusEntry:
    certificate: UUID


State = UUID | None
"""The certificate that has the entry."""


@dataclass(frozen=True, slots=True)
class StatusEntry:
    list: int  # year, month and two digits: 20231201
    index: int


def decide(holder: State, command: ClaimStatusEntry) -> Sequence[Event]:
    """Whoever comes later gets no event, and reads in the state who was first."""
    return [StatusEntryClaimed(certificate=command.certificate)] if holder is None else []


def evolve(holder: State, event: Event) -> State:
    return event.certificate if isinstance(event, StatusEntryClaimed) else holder


STATUS_ENTRY: Aggregate[State, ClaimStatusEntry] = Aggregate("status", None, decide, evolve)


def claim_id(entry: StatusEntry) -> str:
    return f"{entry.list}-{entry.index}"


def candidates(certificate: UUID, day: date) -> Iterator[StatusEntry]:
    """The entries a certificate may have, in the order to try them. Ends after the 99 lists of its month."""
    for number in range(1, 100):
        list = (day.year * 100 + day.month) * 100 + number
        for attempt in range(TRIES):
            digest = sha256(b"status" + certificate.bytes + bytes([number, attempt])).digest()
            yield StatusEntry(list, int.from_bytes(digest, "big") % SIZE)
