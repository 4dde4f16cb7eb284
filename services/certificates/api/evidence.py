"""Bringing evidence, and looking at what an application shows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.concerned import seen_by
from services.certificates.api.desks import desk_of
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.evidence import Scan
from services.certificates.domain.evidence_kind import LARGEST_FILE, MANDATE
from services.certificates.evidence import Evidence
from services.certificates.scanning import scanner
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Broken, NotFound
from shared.department import files
from shared.department.answer import Answer
from shared.department.engine import Engine
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class EvidenceShown(Answer):
    """`sha256` is what an application names it by."""

    sha256: str
    media: str
    size: int
    scan: Scan


@post(
    "/evidence",
    request_max_body_size=LARGEST_FILE,
    tags=["applications"],
    summary="上传材料 / bring a paper: the file is the body, its Content-Type says what it is",
)
async def upload(
    request: Request[Any, Any, Any],
    engine: NamedDependency[Engine],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    settings: NamedDependency[CertificatesSettings],
    now: NamedDependency[datetime],
) -> Response[EvidenceShown]:
    """PDF, PNG or JPEG of 5 MB at most; of a larger one no more is read. 429: too many today, or too many unused."""
    desk = await desk_of(pool, power)
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    done = await Evidence(store, pool).take_in(
        desk.who,
        declared,
        content,
        scanner(settings.clamd_address),
        engine.inspector,
        settings.quota(desk.channel),
        now,
        context,
    )
    if done.state is None:
        raise Broken("evidence was stored and is not there")
    brought = done.state
    shown = EvidenceShown(sha256=brought.sha256, media=brought.media, size=brought.size, scan=brought.scan)
    return stored(done, shown)


@get(
    "/applications/{application:uuid}/evidence/{kind:str}",
    tags=["applications"],
    summary="查看材料 / a paper of an application (or the `mandate`), for its citizen and its reviewers",
)
async def show_evidence(
    application: FromPath[UUID],
    kind: FromPath[str],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    state = (await store.stand(APPLICATION.stream(application), APPLICATION)).state
    of = (await seen_by(pool, power, state, day_in_china(now))).of
    mandate = of.assistance.mandate if of.assistance else None
    name = mandate if kind == MANDATE else of.evidence.get(kind)
    file = await files.get(pool, name) if name else None
    if file is None:
        raise NotFound("no_such_evidence", "该申请没有这项材料。", "This application shows no such paper.")
    # a browser must not run it in our name
    return Response(file.content, media_type=file.media, headers={"content-disposition": "attachment"})


HANDLERS = (upload, show_evidence)
