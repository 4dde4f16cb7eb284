"""A holder's certificate for machines: the credential, its QR code, its place in the ledger, and all of it together."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.certificates.api.acting import Of
from services.certificates.api.issuing_department import issued_to, issuer_of
from services.certificates.api.seal_keeping import authority_of
from services.certificates.credential import bundle
from services.certificates.credential.bundle import Bundling
from services.certificates.credential.certificate import MEDIA, credential_of
from services.certificates.credential.proof import Proof, proof_of
from services.certificates.credential.qr import qr_text
from services.certificates.domain.dates import day_in_china
from services.certificates.guardianship import READ, acting_for
from services.certificates.settings import CertificatesSettings
from shared.department.caller import Caller
from shared.department.engine import Engine
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

Disclose = Annotated[
    str | None,
    QueryParameter(
        max_length=2000,
        description="hidden claims to show, joined by commas: holder_name, holder_code, content.<name>; else all",
    ),
]


@get(
    "/certificates/{certificate:uuid}/credential",
    tags=["certificates"],
    media_type=MEDIA,
    summary="可验证凭证，可选择出示内容 / the verifiable credential (SD-JWT VC), or a presentation of parts of it",
)
async def show_credential(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    disclose: Disclose = None,
) -> str:
    _, issued = await issued_to(store, certificate, caller.citizen())
    shown = None if disclose is None else [name for part in disclose.split(",") if (name := part.strip())]
    return await credential_of(issuer_of(store, settings), issued, shown)


@get(
    "/certificates/{certificate:uuid}/qr",
    tags=["certificates"],
    media_type=MediaType.TEXT,
    summary="二维码内容 / what its QR code says",
)
async def show_qr(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
) -> str:
    """For its holder, their guardian or agent. Credential, proof and bundle are the holder's alone."""
    holder = await acting_for(pool, caller, of, day_in_china(now), READ)
    _, issued = await issued_to(store, certificate, holder.citizen)
    return await qr_text(issuer_of(store, settings), issued)


@get(
    "/certificates/{certificate:uuid}/proof",
    tags=["certificates"],
    summary="账本收录证明 / the proof that its issuing is in the ledger",
)
async def show_proof(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    engine: NamedDependency[Engine],
    caller: NamedDependency[Caller],
) -> Proof:
    """503 for the moment between issuing and the ledger: ask again."""
    event, _ = await issued_to(store, certificate, caller.citizen())
    return await proof_of(engine, event.id)


@get(
    "/certificates/{certificate:uuid}/bundle",
    tags=["certificates"],
    media_type=bundle.MEDIA,
    summary="离线核验包 / all that is needed to check it off line (zip)",
)
async def show_bundle(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    engine: NamedDependency[Engine],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """503 as the proof."""
    event, issued = await issued_to(store, certificate, caller.citizen())
    root = await authority_of(store, settings).root(now)
    content = await Bundling(engine, issuer_of(store, settings)).bundle(event, issued, root, now)
    name = f"{issued.number}.zip"
    return Response(content, media_type=bundle.MEDIA, headers={"content-disposition": f'attachment; filename="{name}"'})


HANDLERS = (show_credential, show_qr, show_proof, show_bundle)
