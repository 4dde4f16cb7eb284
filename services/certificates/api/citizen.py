"""A citizen's own applications and certificates, and those of people they act for."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.acting import Of
from services.certificates.api.application_answers import Applications, ApplicationShown, list_application
from services.certificates.api.certificate_answers import (
    Certificates,
    CertificateShown,
    list_certificate,
    show_certificate,
)
from services.certificates.api.issuing_department import issued_to
from services.certificates.api.showing import show
from services.certificates.api.standing import visible
from services.certificates.catalogue_now import current_catalogue
from services.certificates.checking.verdict import judge
from services.certificates.domain.application import APPLICATION, WithdrawApplication
from services.certificates.domain.dates import day_in_china
from services.certificates.guardianship import APPLY, READ, acting_for, wards_of
from services.certificates.read_models.certificates import certificates_of, find_certificate
from services.certificates.read_models.my_applications import applications_of
from shared.department.answer import Answer
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class Ward(Answer):
    person: UUID
    name: str
    id_number: str  # to apply for him with


class Wards(Answer):
    wards: list[Ward]


@get("/wards", tags=["applications"], summary="我的被监护人 / the minors whose guardian I am")
async def list_wards(
    pool: NamedDependency[Pool], caller: NamedDependency[Caller], now: NamedDependency[datetime]
) -> Wards:
    wards = await wards_of(pool, caller.citizen(), day_in_china(now))
    return Wards(wards=[Ward(person=ward.person, name=ward.name, id_number=ward.id_number) for ward in wards])


@post("/applications/{application:uuid}/withdraw", status_code=200, tags=["applications"], summary="撤回 / withdraw")
async def withdraw(
    application: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[ApplicationShown]:
    acting = await acting_for(pool, caller, of, day_in_china(now), APPLY)
    command = WithdrawApplication(acting.citizen, now, acting.agency)
    done = await store.execute(APPLICATION.stream(application), APPLICATION, command, context)
    return stored(done, await show(pool, done.state), status=200)


@get("/applications", tags=["applications"], summary="我的申请 / my applications, the newest first")
async def list_applications(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Applications:
    start = Place.parse(after) if after else Place.last()
    citizen = (await acting_for(pool, caller, of, day_in_china(now), APPLY, READ)).citizen
    rows, following = page(await applications_of(pool, citizen, after=start, limit=limit + 1), limit)
    catalogue = await current_catalogue(pool)
    return Applications(applications=[list_application(row, catalogue) for row in rows], next=following)


@get("/certificates", tags=["certificates"], summary="我的证照 / my certificates, the newest first")
async def list_certificates(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Certificates:
    start = Place.parse(after) if after else Place.last()
    catalogue, today = await current_catalogue(pool), day_in_china(now)
    citizen = (await acting_for(pool, caller, of, today, READ)).citizen
    rows, following = page(await certificates_of(pool, citizen, after=start, limit=limit + 1), limit)
    return Certificates(certificates=[list_certificate(row, catalogue, today) for row in rows], next=following)


@get("/certificates/{certificate:uuid}", tags=["certificates"], summary="一份证照 / one certificate: mine, or our own")
async def show_one_certificate(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    of: Of = None,
) -> CertificateShown:
    """For its holder, their guardian or agent, and for reviewers of the body that issued it."""
    today = day_in_china(now)
    if power.caller.kind == "citizen":
        holder = await acting_for(pool, power.caller, of, today, READ)
        _, issued = await issued_to(store, certificate, holder.citizen)
    else:
        issued = (await visible(store, pool, power, certificate))[0].as_issued
    row = await find_certificate(pool, issued.identifier)
    return show_certificate(issued, await current_catalogue(pool), judge(row.stands if row else None, today))
