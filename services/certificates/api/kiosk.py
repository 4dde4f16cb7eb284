"""The self-service machine: who stands there proves it, then sees and prints their certificates, each once."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field, StringConstraints

from services.certificates.api.bodies import PersonNamed, Printing, Ticketed
from services.certificates.api.certificate_answers import CertificateListed, list_certificate
from services.certificates.catalogue_now import current_catalogue
from services.certificates.checking.verdict import judge
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.printing import PRINTING, Machine, PrintCertificate
from services.certificates.read_models.certificates import certificates_of
from services.certificates.settings import CertificatesSettings
from services.certificates.use_cases.kiosk_tickets import end_ticket, present
from services.certificates.use_cases.stand_at_kiosk import StandAtKiosk
from shared.contracts.errors import Invalid, NotFound, Refused
from shared.department import files
from shared.department.answer import Answer
from shared.department.assertions import LONGEST
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.codes import DIGITS, LIVES, Codes
from shared.department.engine import Engine
from shared.department.staff import find_appointment
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.text import Text

MOST = 200  # certificates looked through, the newest first


class CodeOnItsWay(Answer):
    valid_for: int  # seconds


class Proof(Body):
    """Either name, number and the code that was sent; or the reading of a card."""

    holder: PersonNamed | None = Field(default=None, alias="for")
    code: Annotated[str, StringConstraints(pattern=f"^[0-9]{{{DIGITS}}}$"), Field(examples=["402913"])] | None = None
    assertion: Annotated[str, StringConstraints(max_length=LONGEST)] | None = None


class TicketGiven(Answer):
    """Good at this kiosk, for whoever proved who they are, until then."""

    ticket: str
    until: datetime


class Printable(Answer):
    """The newest first: of one holder there are few."""

    certificates: list[CertificateListed]


@post("/kiosk/codes", status_code=202, tags=["kiosk"], summary="向本人手机发送验证码 / have a code sent to the holder")
async def send_code(
    data: JSONBody[PersonNamed],
    pool: NamedDependency[Pool],
    engine: NamedDependency[Engine],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> CodeOnItsWay:
    """The same answer for every name and number. It goes to the phone of a verified account, if there is one."""
    standing = _standing(pool, engine, settings, caller)
    await standing.ask_code(data.name, data.id_number, now)
    return CodeOnItsWay(valid_for=int(LIVES.total_seconds()))


@post("/kiosk/sessions", tags=["kiosk"], summary="核验到场人身份 / prove who stands at the kiosk")
async def open_session(
    data: JSONBody[Proof],
    pool: NamedDependency[Pool],
    engine: NamedDependency[Engine],
    settings: NamedDependency[CertificatesSettings],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> TicketGiven:
    """The ticket opens listing, printing and applying for that person at this kiosk, for three minutes."""
    standing = _standing(pool, engine, settings, caller)
    if data.assertion is not None:
        ticket = await standing.by_card(data.assertion, now)
    elif data.holder and data.code:
        ticket = await standing.by_code(data.holder.name, data.holder.id_number, data.code, now)
    else:
        text = Text(
            "请刷身份证，或填写姓名、公民身份号码和验证码。", "Please use a card, or give name, number and code."
        )
        raise Invalid("proof_missing", *text, fields={"code": text})
    return TicketGiven(ticket=ticket.text, until=ticket.until)


@post("/kiosk/end", status_code=204, tags=["kiosk"], summary="结束办理 / leave the kiosk")
async def end_session(data: JSONBody[Ticketed], pool: NamedDependency[Pool], caller: NamedDependency[Caller]) -> None:
    """The ticket is wiped; it opens nothing any more."""
    await end_ticket(pool, caller.id, data.ticket or "")


@post("/kiosk/certificates", status_code=200, tags=["kiosk"], summary="可自助打印的证照 / what can be printed")
async def list_printable(
    data: JSONBody[Printing],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Printable:
    """The valid certificates of whoever proved who they are, that have a document and were not printed yet."""
    holder = (await present(pool, caller.id, data.ticket, now)).holder
    current, today = await current_catalogue(pool), day_in_china(now)
    found = []
    for row in await certificates_of(pool, holder, limit=MOST):
        if row.document is None or not judge(row.stands, today).holds:
            continue
        if (await store.stand(PRINTING.stream(row.certificate), PRINTING)).state is None:
            found.append(list_certificate(row, current, today))
    return Printable(certificates=found)


@post("/certificates/{certificate:uuid}/print", status_code=200, tags=["kiosk"], summary="自助打印 / print once")
async def print_certificate(
    certificate: FromPath[UUID],
    data: JSONBody[Printing],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The PDF; the holder is told. Under the same Idempotency-Key it is given again, should the paper have jammed."""
    standing = await present(pool, caller.id, data.ticket, now)
    state = (await store.stand(CERTIFICATE.stream(certificate), CERTIFICATE)).state
    if not isinstance(state, Issued) or state.as_issued.citizen != standing.holder:
        raise NotFound(
            "no_such_certificate",
            "没有找到该人名下有效的这份证照，请核对。",
            "This person holds no such valid certificate; please check it.",
        )
    name = state.as_issued.document
    document = await files.get(pool, name) if name else None
    if document is None:
        raise Refused("no_document", "该证照没有可打印的文件。", "There is no document of this certificate to print.")
    appointment = await find_appointment(pool, caller.id)
    division = appointment.division if appointment else caller.division
    machine = Machine(caller.id, appointment.name if appointment else None, division)
    command = PrintCertificate(state.as_issued, machine, standing.proof, now)
    await store.execute(PRINTING.stream(certificate), PRINTING, command, context)
    return Response(document.content, media_type=document.media)


def _standing(pool: Pool, engine: Engine, settings: CertificatesSettings, caller: Caller) -> StandAtKiosk:
    codes = Codes.of(engine, settings, settings.codes_key)
    return StandAtKiosk(pool, codes, settings.identity_providers, caller.id)


HANDLERS = (send_code, open_session, end_session, list_printable, print_certificate)
