"""The notice of a refusal: for the applicant or his guardian, and for the reviewers of the body that gave it."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.concerned import seen_by
from services.certificates.api.reviewing import reviewer_of
from services.certificates.documents import PDF
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.dates import day_in_china
from services.certificates.read_models.to_notify import notice_document
from shared.contracts.errors import Broken, NotFound
from shared.department import files
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@get(
    "/applications/{application:uuid}/notice",
    tags=["applications"],
    media_type=PDF,
    summary="不予出具通知书（PDF） / the notice of its refusal, signed and sealed",
)
async def show_notice(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Who may not see it is told the same as of one that does not exist."""
    state = (await store.stand(APPLICATION.stream(application), APPLICATION)).state
    of = (await seen_by(pool, power, state, day_in_china(now))).of
    if power.caller.kind != "citizen" and not reviewer_of(power).holds(of.chain[0], of.kind):
        raise no_such_notice()
    document = await notice_document(pool, application)
    if document is None:
        raise no_such_notice()
    file = await files.get(pool, document)
    if file is None:
        raise Broken("a notice was kept before it was issued, and is gone")
    headers = {"content-disposition": f'attachment; filename="{application}.pdf"'}
    return Response(file.content, media_type=PDF, headers=headers)


def no_such_notice() -> NotFound:
    return NotFound(
        "no_such_notice",
        "该申请没有通知书；刚刚办结的，请稍后再试。",
        "There is no notice of this application; if it was decided just now, please try again in a moment.",
    )
