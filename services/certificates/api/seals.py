"""The registry of seals and signatures, open to everyone; what a seal signed, for its keepers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.certificates.api.seal_answers import Seals, SealShown, Uses, list_seal, list_use, show_seal
from services.certificates.api.seal_keeping import authority_of, keeper_of
from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.seal import SEAL, require_within
from services.certificates.domain.seal_state import Existing, NotApplied, making_of
from services.certificates.read_models.seal_uses import uses_of
from services.certificates.read_models.seals import seals_in
from services.certificates.revocation_list import MEDIA
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Broken
from shared.department import files
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.divisions import WHOLE_COUNTRY

Division = Annotated[str, QueryParameter(max_length=12, description="and all within it; by default the whole country")]
Kind = Annotated[Literal["seal", "signature"] | None, QueryParameter(description="by default both")]

PICTURE = {  # it may hold what was handed in: nothing in it is to run or to be fetched
    "content-security-policy": "default-src 'none'; img-src data:; sandbox",
    "cache-control": "public, max-age=31536000, immutable",
}


@get("/seals", tags=["seals"], summary="印章、签名备案名录 / the registry of seals and signatures")
async def list_seals(
    pool: NamedDependency[Pool],
    division: Division = WHOLE_COUNTRY,
    kind: Kind = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Seals:
    start = Place.parse(after) if after else Place.last()
    rows, following = page(await seals_in(pool, division, kind=kind, after=start, limit=limit + 1), limit)
    return Seals(seals=[list_seal(row) for row in rows], next=following)


@get("/seals/{seal:uuid}", tags=["seals"], summary="一枚印章或签名 / one entry of the registry")
async def read_seal(seal: FromPath[UUID], store: NamedDependency[Store]) -> SealShown:
    return show_seal(await _existing(store, seal))


@get("/seals/{seal:uuid}/image", tags=["seals"], summary="印模 / its picture")
async def show_image(
    seal: FromPath[UUID], store: NamedDependency[Store], pool: NamedDependency[Pool]
) -> Response[bytes]:
    """Of a body's seal. An officer's signature is shown within documents only."""
    existing = await _existing(store, seal)
    making = making_of(existing)
    if making is None:
        raise refusals.no_such_seal()
    if existing.of.kind == "signature":
        raise refusals.signature_not_shown()
    image = await files.get(pool, making.image)
    if image is None:
        raise Broken("the image of a seal was stored before it was made, and is gone")
    return Response(image.content, media_type=image.media, headers=PICTURE)


@get("/seals/{seal:uuid}/uses", tags=["seals"], summary="用印记录 / what it signed")
async def list_uses(
    seal: FromPath[UUID],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Uses:
    keeper = keeper_of(power)
    require_within((await _existing(store, seal)).of.division, keeper)
    start = Place.parse(after) if after else Place.last()
    rows, following = page(await uses_of(pool, seal, after=start, limit=limit + 1), limit)
    return Uses(uses=[list_use(row) for row in rows], next=following)


@get("/trust/root.pem", tags=["seals"], summary="根证书 / what to trust when checking what was signed")
async def show_root(
    store: NamedDependency[Store], settings: NamedDependency[CertificatesSettings], now: NamedDependency[datetime]
) -> Response[bytes]:
    root = await authority_of(store, settings).root(now)
    return Response(root.encode(), media_type="application/pem-certificate-chain")


@get(
    "/trust/root.crl",
    tags=["seals"],
    media_type=MEDIA,
    summary="证书吊销列表 / certificates of seals and signatures that count no longer (CRL, RFC 5280)",
)
async def show_revocation_list(
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Whoever keeps a copy asks each time whether it is still the one; the answer is 304 unless a seal changed."""
    current = await authority_of(store, settings).revocation_list(now)
    tag = f'"{current.number}"'
    headers = {"etag": tag, "cache-control": "public, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, media_type=MEDIA, headers=headers)
    return Response(current.der, media_type=MEDIA, headers=headers)


async def _existing(store: Store, seal: UUID) -> Existing:
    state = (await store.stand(SEAL.stream(seal), SEAL)).state
    if isinstance(state, NotApplied):
        raise refusals.no_such_seal()
    return state


HANDLERS = (list_seals, read_seal, show_image, list_uses, show_root, show_revocation_list)
