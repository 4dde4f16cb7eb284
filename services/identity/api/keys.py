"""The keys that access tokens are signed with."""

from datetime import datetime
from typing import Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from services.identity.domain.signing_key import SIGNING_KEY, RetireSigningKey
from services.identity.settings import IdentitySettings
from shared.department.responses import JsonResponse, stored
from shared.department.signing_keys import signing_keys
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class Jwk(BaseModel):
    """RFC 7517, RFC 8037."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    x: str
    kid: str
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"


class Jwks(BaseModel):
    keys: list[Jwk]


class Retired(BaseModel):
    kid: str


@get("/.well-known/jwks.json", tags=["signing keys"], summary="令牌签名公钥 / public keys to check tokens with")
async def jwks(pool: NamedDependency[Pool]) -> Response[Jwks]:
    """A JWK Set (RFC 7517 §5) of the keys in force."""
    keys = [Jwk(x=key.public_key, kid=key.kid) for key in (await signing_keys(pool)).values() if key.retired_at is None]
    return JsonResponse(Jwks(keys=keys), headers={"cache-control": "public, max-age=300"})


@post("/signing-keys/{kid:str}/retire", status_code=200, tags=["signing keys"], summary="停用签名密钥 / retire a key")
async def retire(
    kid: FromPath[str],
    context: NamedDependency[Context],
    store: NamedDependency[Store],
    settings: NamedDependency[IdentitySettings],
    now: NamedDependency[datetime],
) -> Response[Retired]:
    """By an administrator for the whole country, once identity signs with another key."""
    command = RetireSigningKey(in_use=settings.kid, now=now)
    done = await store.execute(SIGNING_KEY.stream(kid), SIGNING_KEY, command, context)
    return stored(done, Retired(kid=kid), 200)


HANDLERS = (jwks, retire)
