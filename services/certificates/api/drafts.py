"""Drafts of applications: begun, saved, gone on with, thrown away. Nobody else sees them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.bodies import DraftSaved
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain.dates import day_in_china
from shared.contracts.case_items import Words
from shared.department import drafts
from shared.department.answer import Answer, words
from shared.department.caller import Caller
from shared.department.drafts import Draft
from shared.eventstore.database import Pool
from shared.forms import filling

KIND = "application "


class DraftShown(Answer):
    draft: UUID
    certificate_type: str
    type_name: Words
    form: dict[str, str]
    evidence: dict[str, str]
    saved_at: datetime


class DraftsShown(Answer):
    """The latest first; there are at most fifty."""

    drafts: list[DraftShown]


@put("/drafts/{draft:uuid}", tags=["drafts"], summary="保存草稿 / save a draft under an id of one's own making")
async def save_draft(
    draft: FromPath[UUID],
    data: JSONBody[DraftSaved],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> DraftShown:
    """Going on with it is saving it again; its type stays. Of the form only characters that no paper can show are
    refused."""
    citizen, catalogue = caller.citizen(), await current_catalogue(pool)
    type = catalogue.current(data.type, day_in_china(now))
    filling.check_characters(type.fields, data.form)
    kept = Draft(draft, f"{KIND}{data.type}", {"form": data.form, "evidence": data.evidence}, now)
    await drafts.keep(pool, citizen, kept)
    return _show(kept, catalogue)


@get("/drafts", tags=["drafts"], summary="我的草稿 / my drafts, the latest first")
async def list_drafts(pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> DraftsShown:
    kept, catalogue = await drafts.of(pool, caller.citizen()), await current_catalogue(pool)
    return DraftsShown(drafts=[_show(one, catalogue) for one in kept if one.kind.startswith(KIND)])


@get("/drafts/{draft:uuid}", tags=["drafts"], summary="一份草稿 / one of my drafts")
async def show_draft(draft: FromPath[UUID], pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> DraftShown:
    kept = await drafts.find(pool, caller.citizen(), draft)
    if kept is None or not kept.kind.startswith(KIND):
        raise drafts.no_such_draft()
    return _show(kept, await current_catalogue(pool))


@delete("/drafts/{draft:uuid}", tags=["drafts"], summary="删除草稿 / delete a draft")
async def delete_draft(draft: FromPath[UUID], pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> None:
    if not await drafts.delete(pool, caller.citizen(), draft):
        raise drafts.no_such_draft()


def _show(draft: Draft, catalogue: Catalogue) -> DraftShown:
    code = draft.kind.removeprefix(KIND)
    body: dict[str, Any] = draft.body
    return DraftShown(
        draft=draft.id,
        certificate_type=code,
        type_name=words(catalogue.name(code)),
        form=body["form"],
        evidence=body["evidence"],
        saved_at=draft.saved_at,
    )


HANDLERS = (save_draft, list_drafts, show_draft, delete_draft)
