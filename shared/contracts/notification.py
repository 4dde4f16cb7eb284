"""What notification says in public. Stored for ever: add optional fields, never rename, retype or remove."""

from datetime import datetime
from uuid import UUID

from shared.contracts.erasure import PersonErased, PersonKept
from shared.contracts.event import Event
from shared.contracts.feed import Contract, Feed
from shared.standards.text import Text


class NoticeDelivered(Event):
    """A notice lies in a citizen's inbox; since when, the event's own time says.

    Without its words: those who caused it know what it says.
    """

    notice: UUID
    recipient: UUID
    template: str  # 'certificate_issued'
    about: str  # the stream it is about, 'certificate-0192…'


class NoticeRead(Event):
    """The citizen opened it."""

    notice: UUID
    recipient: UUID
    read_at: datetime


# notification.erasures: what becomes of a person's data here. Stream `erasure-<person id>`


class NotificationErased(PersonErased):
    """Notification erased what it had recorded about a person."""


class NotificationKept(PersonKept):
    """Notification keeps what it recorded about a person, by law."""


DELIVERIES = Feed(
    "notification", "deliveries", Text(zh="通知送达", en="deliveries of notices"), (NoticeDelivered, NoticeRead)
)

ERASURES = Feed(
    "notification",
    "erasures",
    Text(zh="消息通知对个人信息删除请求的答复", en="answers to requests for erasure"),
    (NotificationErased, NotificationKept),
)

NOTIFICATION = Contract("notification", Text(zh="消息通知", en="Notification"), (DELIVERIES, ERASURES))
