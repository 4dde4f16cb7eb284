"""A certificate after issue: what reviewers and leaders decide, what a holder asks for, what it went through."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from services.certificates.api.acting import Of
from services.certificates.api.bodies import Value, Values
from services.certificates.api.certificate_history import History, named, passages
from services.certificates.api.life_answers import (
    IssuedCertificates,
    LifeShown,
    PapersToLookAt,
    list_issued,
    list_to_look_at,
    show_life,
)
from services.certificates.api.reviewing import reviewer_of
from services.certificates.api.standing import decider, officer, visible
from services.certificates.catalogue_files import catalogue
from services.certificates.catalogue_now import current_catalogue
from services.certificates.documents import documents_of
from services.certificates.domain.certificate import CERTIFICATE, Command
from services.certificates.domain.certificate_life import OfficersReason, ReinstateCertificate, SuspendCertificate
from services.certificates.domain.certificate_state import NotIssued
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.life_refusals import no_such_certificate, not_the_holders
from services.certificates.domain.officer import Officer
from services.certificates.domain.revocation import ConfirmRevocation, DeclineRevocation, ProposeRevocation
from services.certificates.following import differing, require_agreement
from services.certificates.guardianship import READ, acting_for
from services.certificates.read_models.holdings import Status, held_within, to_look_at
from services.certificates.replacing import Replacing
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import RevocationReason
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.department.responses import stored
from shared.department.staff import find_appointment
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class Suspension(Body):
    """`explanation` is told to the holder."""

    reason: OfficersReason
    explanation: Value


class Explanation(Body):
    """Told to the holder."""

    explanation: Value


class CertificateCorrection(Body):
    """`form`: only what changes; what comes from the household register is fetched again."""

    form: Values
    reason: Value


class RevocationProposal(Body):
    """A holder's reason is that he asks for it."""

    reason: Annotated[RevocationReason, Field(description="of an officer")] = "holder_asked"
    explanation: Value


@post("/certificates/{certificate:uuid}/suspend", status_code=200, tags=["life"], summary="暂停使用 / suspend")
async def suspend(
    certificate: FromPath[UUID],
    data: JSONBody[Suspension],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    by = await officer(store, pool, power, certificate)
    return await _decided(store, certificate, SuspendCertificate(by, data.reason, data.explanation, now), context)


@post("/certificates/{certificate:uuid}/reinstate", status_code=200, tags=["life"], summary="恢复使用 / reinstate")
async def reinstate(
    certificate: FromPath[UUID],
    data: JSONBody[Explanation],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    by = await officer(store, pool, power, certificate)
    await require_agreement(store, pool, await current_catalogue(pool), certificate)
    return await _decided(store, certificate, ReinstateCertificate(by, data.explanation, now), context)


@post(
    "/certificates/{certificate:uuid}/revocation",
    status_code=200,
    tags=["life"],
    summary="建议撤销 / propose a revocation",
)
async def propose_revocation(
    certificate: FromPath[UUID],
    data: JSONBody[RevocationProposal],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    """By an officer, or by the holder, whose reason is always that he asks for it. Another officer decides."""
    by = await decider(store, pool, power, certificate)
    if not isinstance(by, Officer) and data.reason != "holder_asked":
        raise not_the_holders()
    return await _decided(store, certificate, ProposeRevocation(by, data.reason, data.explanation, now), context)


@post(
    "/certificates/{certificate:uuid}/revocation/confirm",
    status_code=200,
    tags=["life"],
    summary="确认撤销 / confirm a revocation",
)
async def confirm_revocation(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    """By another officer than who proposed it. It is final."""
    by = await officer(store, pool, power, certificate)
    return await _decided(store, certificate, ConfirmRevocation(by, now), context)


@post(
    "/certificates/{certificate:uuid}/revocation/decline",
    status_code=200,
    tags=["life"],
    summary="退回撤销建议 / decline a revocation, or take one's own back",
)
async def decline_revocation(
    certificate: FromPath[UUID],
    data: JSONBody[Explanation],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    by = await decider(store, pool, power, certificate)
    return await _decided(store, certificate, DeclineRevocation(by, data.explanation, now), context)


@post("/certificates/{certificate:uuid}/correct", status_code=200, tags=["life"], summary="更正 / correct")
async def correct(
    certificate: FromPath[UUID],
    data: JSONBody[CertificateCorrection],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    settings: NamedDependency[CertificatesSettings],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[LifeShown]:
    """The next version is issued at once and supersedes this one; should that not be possible now, it follows."""
    by = await officer(store, pool, power, certificate)
    replacing = Replacing(store, pool, catalogue(), documents_of(store, pool, settings))
    done = await replacing.correct(certificate, by, data.form, data.reason, now, context)
    issued = await replacing.replace_now(certificate, now)
    state, _ = await visible(store, pool, power, certificate)
    return stored((done, issued) if issued else done, show_life(state), status=200)


@get("/certificates/{certificate:uuid}/life", tags=["life"], summary="证照状态 / where a certificate stands")
async def show_standing(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    of: Of = None,
) -> LifeShown:
    state, _ = await visible(store, pool, power, certificate, await _looked_at_for(pool, power.caller, of, now))
    return show_life(state, for_holder=power.caller.kind == "citizen")


@get("/certificates/{certificate:uuid}/history", tags=["life"], summary="证照经历 / what a certificate went through")
async def show_history(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    of: Of = None,
) -> History:
    """For its holder and its reviewers; proposals that came to nothing are the reviewers' alone."""
    holder = await _looked_at_for(pool, power.caller, of, now)
    state, loaded = await visible(store, pool, power, certificate, holder)
    shown = passages(loaded.events, holder)
    names = {by: found.name for by in {one.by for one in shown} if by and (found := await find_appointment(pool, by))}
    return History(
        certificate=certificate,
        identifier=state.as_issued.identifier,
        passages=[named(one, names) for one in shown],
    )


@get("/issued", tags=["life"], summary="本地已签发证照 / certificates issued within one's division, the newest first")
async def list_issued_certificates(
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    division: Annotated[str | None, QueryParameter(max_length=12)] = None,
    status: FromQuery[Status | None] = None,
    revocation_waits: FromQuery[bool] = False,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> IssuedCertificates:
    """Of the types that the caller's own body issues. `revocation_waits`: of those, whose revocation waits."""
    area, current = power.part(division), await current_catalogue(pool)
    types = current.codes_of(reviewer_of(power).kinds)
    start = Place.parse(after) if after else Place.last()
    held = await held_within(
        pool, area, types, status=status, waiting_only=revocation_waits, after=start, limit=limit + 1
    )
    rows, following = page(held, limit)
    return IssuedCertificates(certificates=[list_issued(row, current) for row in rows], next=following)


@get("/review-queue/papers", tags=["life"], summary="待核对证照 / papers to look at, the longest waiting first")
async def list_papers_to_look_at(
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    division: Annotated[str | None, QueryParameter(max_length=12)] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PapersToLookAt:
    """What a change of the register suspended, with what differs. `POST /certificates/{certificate}/correct` with a
    reason alone issues it anew as the register has it; what the register takes back leaves the list by itself."""
    area, current = power.part(division), await current_catalogue(pool)
    types = current.codes_of(reviewer_of(power).kinds)
    start = Place.parse(after) if after else Place.first()
    rows, following = page(await to_look_at(pool, area, types, after=start, limit=limit + 1), limit)
    papers = [list_to_look_at(row, await differing(store, pool, current, row.certificate), current) for row in rows]
    return PapersToLookAt(papers=papers, next=following)


async def _looked_at_for(pool: Pool, caller: Caller, of: UUID | None, now: datetime) -> UUID | None:
    """Whose certificate a citizen looks at; None for staff."""
    if caller.kind != "citizen":
        return None
    return (await acting_for(pool, caller, of, day_in_china(now), READ)).citizen


async def _decided(store: Store, certificate: UUID, command: Command, context: Context) -> Response[LifeShown]:
    done = await store.execute(CERTIFICATE.stream(certificate), CERTIFICATE, command, context)
    if isinstance(done.state, NotIssued):
        raise no_such_certificate()
    return stored(done, show_life(done.state), status=200)


HANDLERS = (
    suspend,
    reinstate,
    propose_revocation,
    confirm_revocation,
    decline_revocation,
    correct,
    show_standing,
    show_history,
    list_issued_certificates,
    list_papers_to_look_at,
)
