"""Versions of certificate types: which there are, and publishing one."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.catalogue_answers import TypeShown, VersionShown, VersionsShown, show_type
from services.certificates.catalogue_files import catalogue
from services.certificates.publishing import Publishing
from services.certificates.read_models.catalogue_versions import published_versions_of
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@get("/catalogue/{code:str}/versions", tags=["catalogue"], summary="各版本 / the versions of a type")
async def list_versions(code: FromPath[str], pool: NamedDependency[Pool]) -> VersionsShown:
    shown = {
        type.version: VersionShown(
            version=type.version, in_force_from=type.in_force_from, published_by=None, published_at=None
        )
        for type in catalogue().types.get(code, ())
    }
    for one in await published_versions_of(pool, code):
        shown[one.version] = VersionShown(
            version=one.version,
            in_force_from=one.in_force_from,
            published_by=one.published_by,
            published_at=one.published_at,
        )
    return VersionsShown(code=code, versions=[shown[version] for version in sorted(shown)])


@post("/catalogue/{code:str}/versions", tags=["catalogue"], summary="发布新版本 / publish a version")
async def publish(
    code: FromPath[str],
    data: JSONBody[dict[str, Any]],
    store: NamedDependency[Store],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[TypeShown]:
    """The body is the definition, as a file of the catalogue has it. It holds for every process from now on."""
    done, type = await Publishing(store, catalogue()).publish(power, code, data, now, context)
    return stored(done, show_type(type))
