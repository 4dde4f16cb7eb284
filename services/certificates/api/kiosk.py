"""The self-service machine: prints a certificate, once, for the holder who stands before it."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from services.certificates.api.bodies import Printing
from services.certificates.api.certificate_answers import CertificateListed, list_certificate
from services.certificates.api.desks import counter_of
from services.certificates.catalogue_now import current_catalogue
from services.certificates.checking.verdict import judge
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import not_matched
from services.certificates.domain.printing import PRINTING, PrintCertificate
from services.certificates.read_models.certificates import certificates_of
from services.certificates.read_models.people import match_person
from shared.contracts.errors import NotFound, Refused
from shared.contracts.identity import Role
from shared.department import files
from shared.department.answer import Answer
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

MOST = 200  # certificates looked through, the newest first


class Printable(Answer):
    """The newest first: of one holder there are few."""

    certificates: list[CertificateListed]


@post("/kiosk/certificates", status_code=200, tags=["certificates"], summary="可自助打印的证照 / what can be printed")
async def list_printable(
    data: JSONBody[Printing],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Printable:
    """The valid certificates of the holder who stands before it that have a document and were not printed yet."""
    await counter_of(pool, caller, Role.kiosk)
    holder = await match_person(pool, data.holder.name, data.holder.id_number)
    if holder is None:
        raise not_matched("for")
    current, today = await current_catalogue(pool), day_in_china(now)
    found = []
    for row in await certificates_of(pool, holder.person, limit=MOST):
        if row.document is None or not judge(row.stands, today).holds:
            continue
        if (await store.load(PRINTING.stream(row.certificate), PRINTING)).state is None:
            found.append(list_certificate(row, current, today))
    return Printable(certificates=found)


@post("/certificates/{certificate:uuid}/print", status_code=200, tags=["certificates"], summary="自助打印 / print once")
async def print_certificate(
    certificate: FromPath[UUID],
    data: JSONBody[Printing],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The PDF. Sent again under the same Idempotency-Key it is given again, should the paper have jammed."""
    kiosk = await counter_of(pool, caller, Role.kiosk)
    holder = await match_person(pool, data.holder.name, data.holder.id_number)
    if holder is None:
        raise not_matched("for")
    state = (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).state
    if not isinstance(state, Issued) or state.as_issued.citizen != holder.person:
        raise NotFound(
            "no_such_certificate",
            "没有找到该人名下有效的这份证照，请核对。",
            "This person holds no such valid certificate; please check it.",
        )
    name = state.as_issued.document
    document = await files.get(pool, name) if name else None
    if document is None:
        raise Refused("no_document", "该证照没有可打印的文件。", "There is no document of this certificate to print.")
    command = PrintCertificate(certificate, kiosk.who, now)
    await store.execute(PRINTING.stream(certificate), PRINTING, command, context)
    return Response(document.content, media_type=document.media)
