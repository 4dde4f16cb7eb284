"""A notice: what one citizen, or one member of staff, is told about one matter. Stream `notice-<notice id>`.

The event it is written for gives it its id, so that one event never leads to two notices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.errors import NotFound
from shared.contracts.event import Event, Personal
from shared.contracts.notification import NoticeDelivered, NoticeRead
from shared.eventstore.aggregate import Aggregate

Fact = str | dict[str, str]
"""What fills a placeholder: text, a code, an ISO 8601 time, or the entries of a form."""


class NoticeWritten(Event):
    """What the notice has to say, before it is put in words: the reader's language is known only when he reads.

    Private to notification. Stored for ever: add optional fields, never rename, retype or remove.
    """

    person_field: ClassVar[str | None] = "concerns"

    recipient: UUID
    template: str
    facts: Personal[dict[str, Fact]]  # by placeholder
    about: str  # the stream it is about
    occurred_at: datetime  # when what it tells of came about
    as_guardian: bool = False  # it is about a ward of the recipient's
    concerns: UUID | None = None  # whose the facts are: the ward, else the recipient


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """There is no such notice."""


@dataclass(frozen=True, slots=True)
class Unread:
    recipient: UUID


@dataclass(frozen=True, slots=True)
class Read:
    recipient: UUID


State = NotDelivered | Unread | Read


@dataclass(frozen=True, slots=True)
class DeliverNotice:
    notice: UUID
    recipient: UUID
    template: str
    facts: Mapping[str, Fact]
    about: str
    occurred_at: datetime
    ward: UUID | None = None  # of the recipient, whom it is about


@dataclass(frozen=True, slots=True)
class MarkRead:
    notice: UUID
    reader: UUID
    now: datetime


Command = DeliverNotice | MarkRead


def no_such_notice() -> NotFound:
    """Of another's notice not even the existence is told."""
    return NotFound(
        "no_such_notice",
        "没有这条消息，请返回消息列表重新查看。",
        "There is no such notice; please go back to your inbox.",
    )


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotDelivered(), DeliverNotice():
            return deliver(command)
        case _, DeliverNotice():
            return []
        case Unread(recipient), MarkRead(notice, reader, now) if reader == recipient:
            return [NoticeRead(notice=notice, recipient=recipient, read_at=now)]
        case Read(recipient), MarkRead(reader=reader) if reader == recipient:
            return []
        case _:
            raise no_such_notice()


def deliver(command: DeliverNotice) -> Sequence[Event]:
    return [
        NoticeWritten(
            recipient=command.recipient,
            template=command.template,
            facts=dict(command.facts),
            about=command.about,
            occurred_at=command.occurred_at,
            as_guardian=command.ward is not None,
            concerns=command.ward or command.recipient,
        ),
        NoticeDelivered(
            notice=command.notice, recipient=command.recipient, template=command.template, about=command.about
        ),
    ]


def evolve(state: State, event: Event) -> State:
    match event:
        case NoticeDelivered(recipient=recipient):
            return Unread(recipient)
        case NoticeRead(recipient=recipient):
            return Read(recipient)
        case _:
            return state


NOTICE: Aggregate[State, Command] = Aggregate("notice", NotDelivered(), decide, evolve)
