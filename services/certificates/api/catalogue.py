"""The catalogue, open to everyone, and the form as it is handed to a citizen: filled with what is known."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.acting import Of
from services.certificates.api.catalogue_answers import (
    CatalogueShown,
    FormShown,
    NotIssuedShown,
    TypeShown,
    show_evidence_kind,
    show_field,
    show_not_issued,
    show_type,
)
from services.certificates.applicant import what_is_known
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.form_schema import form_schema
from services.certificates.domain.forms import prefilled
from services.certificates.guardianship import APPLY, acting_for
from services.certificates.read_models.certificates import types_held
from shared.department.answer import words
from shared.department.caller import Caller
from shared.eventstore.database import Pool
from shared.standards.text import Language


@get("/catalogue", tags=["catalogue"], summary="可办证明目录 / certificates to apply for, and proofs not needed")
async def show_catalogue(pool: NamedDependency[Pool], now: NamedDependency[datetime]) -> CatalogueShown:
    catalogue = await current_catalogue(pool)
    return CatalogueShown(
        types=[show_type(type) for type in catalogue.in_force(day_in_china(now))],
        not_issued=[show_not_issued(proof) for proof in catalogue.not_issued()],
    )


@get("/catalogue/{code:str}", tags=["catalogue"], summary="一种证明 / one entry")
async def show_entry(
    code: FromPath[str], pool: NamedDependency[Pool], now: NamedDependency[datetime]
) -> TypeShown | NotIssuedShown:
    catalogue = await current_catalogue(pool)
    proof = catalogue.abolished.get(code)
    if proof and code not in catalogue.types:
        return show_not_issued(proof)
    return show_type(catalogue.current(code, day_in_china(now)))


@get("/catalogue/{code:str}/schema", tags=["catalogue"], summary="申请表的JSON Schema / the form as JSON Schema")
async def show_schema(
    code: FromPath[str],
    pool: NamedDependency[Pool],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> dict[str, Any]:
    """For anybody; `json_schema` of the form itself is made for its applicant, and exact."""
    type = (await current_catalogue(pool)).current(code, day_in_china(now))
    return form_schema(type, language)


@get("/catalogue/{code:str}/form", tags=["catalogue"], summary="预填好的申请表 / the form, filled with what is known")
async def show_form(
    code: FromPath[str],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
    of: Of = None,
) -> FormShown:
    citizen = (await acting_for(pool, caller, of, day_in_china(now), APPLY)).citizen
    type = (await current_catalogue(pool)).current(code, day_in_china(now))
    known = await what_is_known(pool, citizen)
    held = await types_held(pool, citizen, day_in_china(now))
    filled = prefilled(type, known)
    return FormShown(
        code=type.code,
        version=type.version,
        name=words(type.name),
        fields=[show_field(field, filled.get(field.name)) for field in type.fields],
        evidence=[show_evidence_kind(kind) for kind in type.evidence if not kind.is_shown_by(held)],
        json_schema=form_schema(type, language, known),
    )
