"""Who is told what: a notice before it has its number."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.notification.domain.notice import Fact


class Told(NamedTuple):
    recipient: UUID  # citizen or member of staff
    template: str
    at: datetime  # when what it tells of came about
    facts: Mapping[str, Fact]


def told(recipient: UUID, template: str, at: datetime, **facts: Fact) -> Told:
    return Told(recipient, template, at, facts)
