"""Checking a certificate: open to everyone, telling no more than is needed to compare it with a paper."""

from datetime import datetime
from typing import Annotated, Any

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, QueryParameter
from pydantic import BaseModel, ConfigDict

from services.certificates.api.check_answers import CheckResult, show_check, shown_on_page
from services.certificates.api.issuing_department import issuer_of
from services.certificates.api.seal_keeping import authority_of
from services.certificates.catalogue_now import current_catalogue
from services.certificates.checking import evidence, page
from services.certificates.checking.evidence import Evidence
from services.certificates.checking.online import Checked, check
from services.certificates.checking.verdict import Verdict
from services.certificates.domain.dates import day_in_china
from services.certificates.inspection.reading import read
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Invalid
from shared.department.engine import Engine
from shared.department.exchange import exchange_of
from shared.department.responses import JsonResponse
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.errors import NotValid
from shared.standards.text import Language, Text

LARGEST_FILE = 5 * 1024 * 1024  # bytes

Code = Annotated[str | None, QueryParameter(max_length=4000, description="the signed statement of a QR code")]
Identifier = Annotated[str | None, QueryParameter(max_length=300, description="GB/T 36904")]
Lang = Annotated[str | None, QueryParameter(max_length=10, description="of the page: zh-CN or en")]
AnyRequest = Request[Any, Any, Any]


class Upload(BaseModel):
    """`file`: a PDF, a credential (SD-JWT), or the text of a QR code."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="ignore")

    file: UploadFile


@get("/check/{identifier:str}", tags=["check"], summary="证照核验 / check a certificate by its identifier")
async def check_identifier(
    identifier: FromPath[str],
    request: AnyRequest,
    pool: NamedDependency[Pool],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
    lang: Lang = None,
) -> Response[CheckResult]:
    checked = await _by_identifier(pool, identifier, now)
    return await _answer(pool, request, checked, _spoken(lang, language), root="../")


@get(
    "/check", tags=["check"], summary="二维码核验，网页 / check what a QR code says; without one, the page to check on"
)
async def check_code(
    request: AnyRequest,
    pool: NamedDependency[Pool],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
    c: Code = None,
    identifier: Identifier = None,
    lang: Lang = None,
) -> Response[CheckResult]:
    """For a browser a page, for a program JSON."""
    spoken = _spoken(lang, language)
    if c:
        keys = await issuer_of(store, settings).public_keys(now)
        checked = await check(pool, evidence.read_qr(c, keys), day_in_china(now))
        return await _answer(pool, request, checked, spoken)
    if identifier and identifier.strip():
        return await _answer(pool, request, await _by_identifier(pool, identifier, now), spoken)
    if not _wants_page(request):
        raise _nothing_to_check("c")
    return await _answer(pool, request, None, spoken)


@post(
    "/check",
    status_code=200,
    tags=["check"],
    summary="提交文件核验 / check a file: PDF, credential or the text of a QR code",
    request_max_body_size=LARGEST_FILE + 64 * 1024,  # and what frames it
)
async def check_file(
    data: MultipartBody[Upload],
    request: AnyRequest,
    engine: NamedDependency[Engine],
    pool: NamedDependency[Pool],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
    lang: Lang = None,
) -> Response[CheckResult]:
    """Looked at and forgotten: nothing of the file is kept. 422: it could not be examined within limits."""
    content = await data.file.read()
    if not content:
        raise _nothing_to_check("file")
    keys = await issuer_of(store, settings).public_keys(now)
    root = await authority_of(store, settings).root(now)
    client = exchange_of(request.scope).client
    shown = await read(engine.inspector, content, keys, [root], client)
    return await _answer(pool, request, await check(pool, shown, day_in_china(now)), _spoken(lang, language))


async def _by_identifier(pool: Pool, identifier: str, now: datetime) -> Checked:
    try:
        shown = evidence.read_identifier(identifier)
    except NotValid as slip:
        return Checked(Evidence("identifier", "malformed"), Verdict("malformed", slip=slip.text))
    return await check(pool, shown, day_in_china(now))


async def _answer(
    pool: Pool, request: AnyRequest, checked: Checked | None, language: Language, root: str = ""
) -> Response[Any]:
    """`checked` None: the page before anything was checked."""
    result = None if checked is None else show_check(checked, await current_catalogue(pool), language)
    if result is not None and not _wants_page(request):
        return JsonResponse(result)
    return Response(
        page.render(shown_on_page(result, language) if result else None, language, root, request.url.query),
        media_type=MediaType.HTML,
        headers={"content-security-policy": page.POLICY, "content-language": language, "vary": "accept"},
    )


def _wants_page(request: AnyRequest) -> bool:
    return request.accept.best_match([MediaType.JSON, MediaType.HTML], MediaType.JSON) == MediaType.HTML


def _spoken(lang: str | None, language: Language) -> Language:
    """What the page's switch says goes before what the browser prefers."""
    return "en" if lang == "en" else "zh-CN" if lang else language


def _nothing_to_check(field: str) -> Invalid:
    text = Text(
        "请提交二维码内容、证照标识或证照文件。",
        "Please give the code of a QR code, an identifier, or a file.",
    )
    return Invalid("nothing_to_check", *text, fields={field: text})


HANDLERS = (check_identifier, check_code, check_file)
