"""Drafts of forms: begun, saved, gone on with, thrown away. Nobody else sees them."""

from datetime import datetime
from uuid import UUID

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.cases.api.bodies import Form
from services.cases.applying import Applying
from services.cases.definitions import definitions
from services.cases.domain import refusals
from services.cases.read_models.cases import case_from_draft
from shared.department import drafts
from shared.department.answer import Answer
from shared.department.caller import Caller
from shared.department.drafts import Draft
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.forms import filling
from shared.standards.shanghai import day_in_shanghai


class DraftShown(Answer):
    draft: UUID
    definition: str
    form: dict[str, str]
    saved_at: datetime


class DraftsShown(Answer):
    """The latest first; there are at most fifty."""

    drafts: list[DraftShown]


@put("/drafts/{draft:uuid}", tags=["drafts"], summary="保存草稿 / save a draft under an id of one's own making")
async def save_draft(
    draft: FromPath[UUID],
    data: JSONBody[Form],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> DraftShown:
    """Going on with it is saving it again; what it is a draft of stays. What was handed in has no draft any more.

    Of the form only characters that no paper can show are refused.
    """
    citizen = caller.citizen()
    definition = definitions().current(data.definition, day_in_shanghai(now))
    filling.check_characters(definition.fields, data.form)
    handed_in = await case_from_draft(pool, draft)
    if handed_in is None:
        applying = Applying(store, pool, definitions())
        handed_in = await applying.open_case_of(citizen, data.definition, data.form, now)
    if handed_in:
        raise refusals.handed_in_already(handed_in)
    kept = Draft(draft, data.definition, {"form": data.form}, now)
    await drafts.keep(pool, citizen, kept)
    return _show(kept)


@get("/drafts", tags=["drafts"], summary="我的草稿 / my drafts, the latest first")
async def list_drafts(pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> DraftsShown:
    return DraftsShown(drafts=[_show(one) for one in await drafts.of(pool, caller.citizen())])


@get("/drafts/{draft:uuid}", tags=["drafts"], summary="一份草稿 / one of my drafts")
async def show_draft(draft: FromPath[UUID], pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> DraftShown:
    kept = await drafts.find(pool, caller.citizen(), draft)
    if kept is None:
        raise drafts.no_such_draft()
    return _show(kept)


@delete("/drafts/{draft:uuid}", tags=["drafts"], summary="删除草稿 / delete a draft")
async def delete_draft(draft: FromPath[UUID], pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> None:
    if not await drafts.delete(pool, caller.citizen(), draft):
        raise drafts.no_such_draft()


def _show(draft: Draft) -> DraftShown:
    return DraftShown(draft=draft.id, definition=draft.kind, form=draft.body["form"], saved_at=draft.saved_at)


HANDLERS = (save_draft, list_drafts, show_draft, delete_draft)
