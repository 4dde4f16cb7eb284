"""The inbox of a citizen or a member of staff over HTTP. Words come in the language asked for (Accept-Language)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from pydantic import BaseModel, ConfigDict

from services.notification.domain.notice import NOTICE, MarkRead, no_such_notice
from services.notification.read_models import my_notices
from services.notification.read_models.my_notices import MyNotice
from services.notification.texts import TEXTS
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.text import Language, Text

AS_GUARDIAN = Text("（您作为监护人代办，以下为被监护人的事项）", "(You act as guardian; this is about your ward.)")
MOST = 100  # notices a page


class NoticeShown(BaseModel):
    """A notice in words. `title` and `body` are plain text; lines end in a line feed."""

    model_config = ConfigDict(frozen=True)

    notice: UUID
    template: str
    about: str  # the stream it is about, 'certificate-0192…'
    title: str
    body: str
    occurred_at: datetime  # when what it tells of came about
    delivered_at: datetime
    read_at: datetime | None


class Inbox(BaseModel):
    """One page, newest first. `next` is the `after` of the page that follows; null on the last one."""

    model_config = ConfigDict(frozen=True)

    notices: list[NoticeShown]
    unread: int  # in the whole inbox
    next: UUID | None


@get("/", summary="我的消息，最新的在前 / my notices, newest first")
async def list_inbox(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    language: NamedDependency[Language],
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 20,
) -> Inbox:
    last = await found(pool, caller.id, after) if after else None
    notices = await my_notices.newest(pool, caller.id, limit + 1, last)
    return Inbox(
        notices=[show(notice, language) for notice in notices[:limit]],
        unread=await my_notices.unread(pool, caller.id),
        next=notices[limit - 1].notice if len(notices) > limit else None,
    )


@get("/{notice:uuid}", summary="我的一条消息 / one of my notices")
async def show_notice(
    notice: FromPath[UUID],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    language: NamedDependency[Language],
) -> NoticeShown:
    return show(await found(pool, caller.id, notice), language)


@post("/{notice:uuid}/read", status_code=200, summary="标为已读 / mark a notice read")
async def mark_read(
    notice: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> Response[NoticeShown]:
    """Marking it again changes nothing."""
    done = await store.execute(NOTICE.stream(notice), NOTICE, MarkRead(notice, caller.id, now), context)
    return stored(done, show(await found(pool, caller.id, notice), language), status=200)


async def found(pool: Pool, reader: UUID, notice: UUID) -> MyNotice:
    mine = await my_notices.find(pool, reader, notice)
    if mine is None:
        raise no_such_notice()
    return mine


def show(notice: MyNotice, language: Language) -> NoticeShown:
    words = TEXTS.render(notice.template, notice.facts, language)
    return NoticeShown(
        notice=notice.notice,
        template=notice.template,
        about=notice.about,
        title=words.title,
        body=f"{AS_GUARDIAN.to(language)}\n{words.body}" if notice.as_guardian else words.body,
        occurred_at=notice.occurred_at,
        delivered_at=notice.delivered_at,
        read_at=notice.read_at,
    )


INBOX = Router("/inbox", route_handlers=[list_inbox, show_notice, mark_read], tags=["inbox"])
