"""Proofs of identity from outside: a JWT (RFC 7519, `alg` EdDSA) that a registered identity provider signed.

Claims: `iss` the provider, `aud` who asked, `name`, `id_number`, `method`, `iat`, `exp` (minutes later), `jti` (used
once), and `nonce` where the department gave one. Providers are data: IDENTITY_PROVIDERS_FILE.
"""

import hmac
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.contracts.errors import Invalid, Refused
from shared.contracts.plain_yaml import read_yaml
from shared.eventstore.database import Pool
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.text import Text

Method = Literal["card_and_face", "eid", "card"]
METHODS: Mapping[Method, Text] = {
    "card_and_face": Text("身份证和人脸核验", "ID card and face"),
    "eid": Text("网络身份认证", "electronic identity"),
    "card": Text("身份证读卡", "ID card reader"),
}

ALGORITHM = "EdDSA"
LONGEST = 4096  # characters
LONGEST_LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=5)  # between two clocks

SPEND = "insert into used_assertions (id, until) values ($1, $2) on conflict (id) do nothing returning id"


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Annotated[str, Field(min_length=1, max_length=60)]
    en: Annotated[str, Field(min_length=1, max_length=60)]


class Provider(BaseModel):
    """One that vouches for who people are. `public_key` is the `x` of an Ed25519 JWK (RFC 8037)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    title: Words
    public_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    methods: Annotated[frozenset[Method], Field(min_length=1)]
    is_stand_in: bool = False

    @property
    def text(self) -> Text:
        return Text(self.title.zh, self.title.en)

    @property
    def key(self) -> OKPKey:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": self.public_key})


Providers = Mapping[str, Provider]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a provider vouches for."""

    name: str
    id_number: IdNumber
    method: Method
    provider: Provider
    jti: str
    nonce: str | None
    expires_at: datetime


def _only_ours() -> jws.JWSRegistry:
    algorithm = copy(jws.JWSRegistry.algorithms[ALGORITHM])
    algorithm.security_warning = None  # the name RFC 8037 gave it, which every library reads
    registry = jws.JWSRegistry(algorithms=[ALGORITHM])
    registry.algorithms = {ALGORITHM: algorithm}
    return registry


_REGISTRY = _only_ours()


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    iss: str
    aud: str
    name: Annotated[str, Field(min_length=1, max_length=50)]
    id_number: Annotated[str, Field(max_length=18)]
    method: Method
    jti: Annotated[str, Field(min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]
    nonce: Annotated[str | None, Field(max_length=100)] = None
    iat: Annotated[int, Field(ge=0, le=2**40)]
    exp: Annotated[int, Field(ge=0, le=2**40)]


def read_providers(path: Path) -> Providers:
    """By name. Raises ValueError, which names file and entry."""
    try:
        rows = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name} cannot be read as YAML ({type(error).__name__})") from None
    try:
        providers = TypeAdapter(list[Provider]).validate_python(rows or [])
        for one in providers:
            _ = one.key.public_key
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = " ".join(str(part) for part in first["loc"])
        raise ValueError(f"{path.name}: entry {place}: {first['msg']}") from None
    except (ValueError, JoseError):
        raise ValueError(f"{path.name}: a public_key is no Ed25519 key") from None
    if len({one.name for one in providers}) != len(providers):
        raise ValueError(f"{path.name}: two entries have one name")
    return {one.name: one for one in providers}


def sign(key: OKPKey, claims: Mapping[str, Any]) -> str:
    """What a provider does; here for the stand-in."""
    return jwt.encode({"alg": ALGORITHM}, dict(claims), key, registry=_REGISTRY)


def verify(assertion: str, providers: Providers, audience: str, now: datetime, nonce: str | None = None) -> Proof:
    """Raises Invalid unless a provider we know signed it for us, for now, by a method it may use, with this nonce."""
    try:
        provider = providers[_issuer(assertion)]
        claims = _Claims.model_validate(jwt.decode(assertion, provider.key, registry=_REGISTRY).claims)
        issued, ends = (datetime.fromtimestamp(moment, UTC) for moment in (claims.iat, claims.exp))
        number = IdNumber(claims.id_number)
    except (JoseError, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError, NotValid):
        raise wrong() from None
    is_now = issued - LEEWAY <= now < ends + LEEWAY and ends - issued <= LONGEST_LIFE
    is_ours = claims.aud == audience and claims.method in provider.methods
    is_asked_for = nonce is None or hmac.compare_digest(nonce.encode(), (claims.nonce or "").encode())
    if not (is_now and is_ours and is_asked_for):
        raise wrong()
    return Proof(claims.name, number, claims.method, provider, claims.jti, claims.nonce, ends)


def _issuer(assertion: str) -> str:
    """Who says they signed it; nothing is checked yet."""
    if len(assertion) > LONGEST:
        raise ValueError
    claims = orjson.loads(jws.extract_compact(assertion.encode()).payload)
    return str(claims["iss"])


async def spend(pool: Pool, proof: Proof) -> None:
    """Raises Refused when the assertion was used before. For whoever gave no nonce."""
    id = sha256(f"{proof.provider.name}\n{proof.jti}".encode()).digest()
    if await pool.fetchval(SPEND, id, proof.expires_at + LEEWAY) is None:
        raise Refused(
            "assertion_used",
            "该核验结果已使用过，请重新核验身份。",
            "This proof of identity was used before; please prove who you are once more.",
        )


def wrong() -> Invalid:
    return Invalid(
        "assertion_wrong",
        "身份核验结果无效或已过期，请重新核验身份。",
        "The proof of identity is not valid or has expired; please prove who you are once more.",
        fields={"assertion": Text("核验结果无效或已过期。", "Not valid, or expired.")},
    )
