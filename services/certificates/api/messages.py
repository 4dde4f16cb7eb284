"""Messages between applicant and reviewers; they stay with the case."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.bodies import Value
from services.certificates.api.concerned import seen_by, taken_part_in
from services.certificates.api.reviewing import reviewer_of
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.conversation import SendMessage
from services.certificates.domain.dates import day_in_china
from services.certificates.guardianship import APPLY
from shared.contracts.certificates import ApplicationMessageSent
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.department.staff import names_of
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class NewMessage(Body):
    text: Value


class MessageShown(Answer):
    message: UUID
    sender: Literal["citizen", "staff"]
    name: str | None  # of the member of staff, or of the agent who wrote it
    mandate: UUID | None  # under which an agent wrote it
    text: str
    sent_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.sent_at, self.message)


class Messages(Answer):
    """The oldest first. `next` goes back as `after`; null at the end."""

    messages: list[MessageShown]
    next: str | None


@post("/applications/{application:uuid}/messages", tags=["applications"], summary="留言 / write to the other side")
async def send_message(
    application: FromPath[UUID],
    data: JSONBody[NewMessage],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[MessageShown]:
    """By its citizen, their guardian or agent, or its reviewers, while it is open."""
    loaded = await store.load(APPLICATION.stream(application), APPLICATION)
    state, agency = await taken_part_in(pool, power, loaded.state, day_in_china(now), APPLY)
    sender = state.of.citizen if power.caller.kind == "citizen" else reviewer_of(power)
    command = SendMessage(context.id_for("message"), sender, data.text, now, written_by=power.caller.id, agency=agency)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    sent = [event.data for event in done.events if isinstance(event.data, ApplicationMessageSent)]
    [shown] = await _shown(pool, sent)
    return stored(done, shown)


@get("/applications/{application:uuid}/messages", tags=["applications"], summary="留言记录 / what was written")
async def list_messages(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Messages:
    loaded = await store.load(APPLICATION.stream(application), APPLICATION)
    await seen_by(pool, power, loaded.state, day_in_china(now))
    start = Place.parse(after) if after else Place.first()
    written = [event.data for event in loaded.events if isinstance(event.data, ApplicationMessageSent)]
    later = sorted(
        (one for one in written if (one.sent_at, one.message) > start), key=lambda one: (one.sent_at, one.message)
    )
    rows, following = page(await _shown(pool, later[: limit + 1]), limit)
    return Messages(messages=list(rows), next=following)


async def _shown(pool: Pool, sent: list[ApplicationMessageSent]) -> list[MessageShown]:
    names = await names_of(pool, {one.sent_by for one in sent if one.sender == "staff"})
    return [
        MessageShown(
            message=one.message,
            sender=one.sender,
            name=names.get(one.sent_by) if one.sender == "staff" else one.agent_name,
            mandate=one.mandate,
            text=one.text,
            sent_at=one.sent_at,
        )
        for one in sent
    ]


HANDLERS = (send_message, list_messages)
