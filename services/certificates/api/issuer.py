"""What anyone needs to check credentials: the issuer's keys, and the status lists."""

from datetime import datetime
from typing import Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from services.certificates.api.issuing_department import issuer_of
from services.certificates.credential import status_list
from services.certificates.credential.status_lists import StatusLists
from services.certificates.domain.issuer_key import WithdrawalReason
from services.certificates.settings import CertificatesSettings
from shared.department.responses import JsonResponse, stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

CACHED = "public, max-age=300"


class Jwk(BaseModel):
    """RFC 7517, RFC 8037."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class Revoked(BaseModel):
    """OpenID Federation 1.0 §8.7.2."""

    revoked_at: int  # seconds since 1970
    reason: WithdrawalReason


class RevokedJwk(Jwk):
    revoked: Revoked


class Jwks(BaseModel):
    """`revoked_keys` stand apart, so that who does not know of them trusts none of them (RFC 7517 §5)."""

    keys: list[Jwk]
    revoked_keys: list[RevokedJwk]


class IssuerMetadata(BaseModel):
    """SD-JWT VC issuer metadata. Which body issued stands in each credential: `issuing_body_code`."""

    issuer: str
    jwks: Jwks


class IssuerKey(BaseModel):
    kid: str


@get("/.well-known/jwks.json", tags=["check"], summary="签发公钥 / public keys to check credentials with")
async def show_keys(
    store: NamedDependency[Store], settings: NamedDependency[CertificatesSettings], now: NamedDependency[datetime]
) -> Response[Jwks]:
    """All there have been, for what an earlier key signed stays good; but none that was withdrawn."""
    keys = Jwks.model_validate(await issuer_of(store, settings).jwks(now))
    return JsonResponse(keys, headers={"cache-control": CACHED})


@get("/.well-known/jwt-vc-issuer", tags=["check"], summary="签发机构元数据 / the issuer's metadata (SD-JWT VC)")
async def show_issuer(
    store: NamedDependency[Store], settings: NamedDependency[CertificatesSettings], now: NamedDependency[datetime]
) -> Response[IssuerMetadata]:
    issuer = issuer_of(store, settings)
    told = IssuerMetadata(issuer=issuer.url, jwks=Jwks.model_validate(await issuer.jwks(now)))
    return JsonResponse(told, headers={"cache-control": CACHED})


@post("/issuer-keys", tags=["check"], summary="更换签发密钥 / let a new key take over")
async def renew_key(
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[IssuerKey]:
    """By an administrator for the whole country."""
    done = await issuer_of(store, settings).renew(now, context)
    return stored(done, IssuerKey(kid=done.state.published[-1].kid))


@get(
    "/status-lists/{number:int}",
    tags=["check"],
    media_type=f"application/{status_list.TYP}",
    summary="证照状态列表 / a status list (IETF Token Status List)",
)
async def show_status_list(
    number: FromPath[int],
    pool: NamedDependency[Pool],
    store: NamedDependency[Store],
    settings: NamedDependency[CertificatesSettings],
    now: NamedDependency[datetime],
) -> Response[str]:
    """The same for a minute, unless a status changes: then it is signed anew."""
    token = await StatusLists(pool, issuer_of(store, settings)).token(number, now)
    return Response(
        token,
        media_type=f"application/{status_list.TYP}",
        headers={"cache-control": "public, max-age=60", "access-control-allow-origin": "*"},
    )


HANDLERS = (show_keys, show_issuer, renew_key, show_status_list)
