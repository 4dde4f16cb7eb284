"""A holder's, or his ward's, certificate as a document: the PDF, and its SM2 seal beside it."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.certificates.api.acting import Of
from services.certificates.api.issuing_department import issued_to
from services.certificates.catalogue_now import current_catalogue
from services.certificates.credential.sm2_seal import Sm2Seal, sm2_seal_of
from services.certificates.documents import PDF, document_of
from services.certificates.domain.dates import day_in_china
from services.certificates.guardianship import READ, acting_for
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@get(
    "/certificates/{certificate:uuid}/document",
    tags=["certificates"],
    media_type=PDF,
    summary="证照文件（PDF，已签名盖章） / the document, signed and sealed",
)
async def show_document(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Response[bytes]:
    holder = await acting_for(pool, caller, of, day_in_china(now), READ)
    _, issued = await issued_to(store, certificate, holder.citizen)
    name = f"{(await current_catalogue(pool)).name(issued.certificate_type).zh}_{issued.number}.pdf"
    headers = {"content-disposition": f"attachment; filename=\"{issued.number}.pdf\"; filename*=UTF-8''{quote(name)}"}
    return Response(await _document(pool, issued), media_type=PDF, headers=headers)


@get(
    "/certificates/{certificate:uuid}/sm2-seal",
    tags=["certificates"],
    summary="国密电子签章（SM2） / the SM2 seal over the document",
)
async def show_sm2_seal(
    certificate: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    of: Of = None,
) -> Sm2Seal:
    holder = await acting_for(pool, caller, of, day_in_china(now), READ)
    _, issued = await issued_to(store, certificate, holder.citizen)
    return await sm2_seal_of(store, issued, await _document(pool, issued))


async def _document(pool: Pool, issued: CertificateIssued) -> bytes:
    document = await document_of(pool, issued)
    if document is None:
        raise NotFound(
            "no_document",
            "该证照签发时尚未生成PDF文件，可凭电子证照标识在线核验。",
            "This certificate was issued before there were documents; it can be checked by its identifier.",
        )
    return document


HANDLERS = (show_document, show_sm2_seal)
