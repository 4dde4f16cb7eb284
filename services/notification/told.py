"""Who is told what: a notice before it has its number."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.notification.domain.notice import Fact


class Told(NamedTuple):
    recipient: UUID  # citizen or member of staff
    template: str
    at: datetime  # when what it tells of came about
    facts: Mapping[str, Fact]
    ward: UUID | None = None  # of the recipient, whom it is about


def told(recipient: UUID, template: str, at: datetime, **facts: Fact) -> Told:
    return Told(recipient, template, at, facts)


def with_guardian(one: Told, guardian: UUID | None) -> Iterator[Told]:
    """What a citizen is told, and who acts for him beside him."""
    yield one
    if guardian:
        yield one._replace(recipient=guardian, ward=one.recipient)
