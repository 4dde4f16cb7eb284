"""The catalogue, open to everyone, and the form as it is handed to a citizen: filled with what is known."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.answer import words
from services.certificates.api.catalogue_answers import (
    CatalogueShown,
    FormShown,
    NotIssuedShown,
    TypeShown,
    show_field,
    show_not_issued,
    show_type,
)
from services.certificates.applicant import what_is_known
from services.certificates.catalogue_files import catalogue
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.forms import prefilled
from shared.department.caller import Caller
from shared.eventstore.database import Pool


@get("/catalogue", tags=["catalogue"], summary="可办证明目录 / certificates to apply for, and proofs not needed")
async def show_catalogue(now: NamedDependency[datetime]) -> CatalogueShown:
    return CatalogueShown(
        types=[show_type(type) for type in catalogue().in_force(day_in_china(now))],
        not_issued=[show_not_issued(proof) for proof in catalogue().not_issued()],
    )


@get("/catalogue/{code:str}", tags=["catalogue"], summary="一种证明 / one entry")
async def show_entry(code: FromPath[str], now: NamedDependency[datetime]) -> TypeShown | NotIssuedShown:
    proof = catalogue().abolished.get(code)
    if proof and code not in catalogue().types:
        return show_not_issued(proof)
    return show_type(catalogue().current(code, day_in_china(now)))


@get("/catalogue/{code:str}/form", tags=["catalogue"], summary="预填好的申请表 / the form, filled with what is known")
async def show_form(
    code: FromPath[str],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> FormShown:
    citizen = caller.citizen()
    type = catalogue().current(code, day_in_china(now))
    filled = prefilled(type, await what_is_known(pool, citizen))
    return FormShown(
        code=type.code,
        version=type.version,
        name=words(type.name),
        fields=[show_field(field, filled.get(field.name)) for field in type.fields],
    )
