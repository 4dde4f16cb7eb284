"""Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037, `alg` EdDSA); identity issues, everybody checks."""

from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OKPKey
from uuid_utils.compat import uuid7

from shared.contracts.errors import Broken, NotSignedIn
from shared.contracts.identity import Role
from shared.department.caller import Caller
from shared.department.signing_keys import SigningKey

ISSUER = "identity"
ALGORITHM = "EdDSA"
LEEWAY = timedelta(seconds=5)  # between the clocks of two departments
LONGEST_LIFETIME = timedelta(hours=24)  # so the tokens of a retired key end by themselves within a day
LONGEST_ABSENCE = timedelta(hours=12)  # of identity, through which a member of staff can go on
LONGEST_TOKEN = 4096  # characters
_ROLES = frozenset(role.value for role in Role)


def _only_ours() -> jws.JWSRegistry:
    """Knows no algorithm but ours, so a token cannot choose 'none' or a symmetric one."""
    algorithm = copy(jws.JWSRegistry.algorithms[ALGORITHM])
    # RFC 9864 would rather name it 'Ed25519', which few JWT libraries can read yet; the signature is the same.
    algorithm.security_warning = None
    registry = jws.JWSRegistry(algorithms=[ALGORITHM])
    registry.algorithms = {ALGORITHM: algorithm}
    return registry


_REGISTRY = _only_ours()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token said when its signature was checked."""

    caller: Caller
    kid: str
    issued_at: datetime
    expires_at: datetime
    until: datetime | None = None  # staff: honoured until then while identity is away


def new_private_key() -> OKPKey:
    """A fresh Ed25519 key."""
    return OKPKey.generate_key("Ed25519")


def public_part(private_key: OKPKey) -> str:
    """What SigningKeyPublished tells of it: the `x` of the JWK."""
    return str(private_key.as_dict(private=False)["x"])


def public_key(key: SigningKey) -> OKPKey:
    """Raises ValueError when it is no Ed25519 public key."""
    imported = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.public_key})
    _ = imported.public_key  # joserfc decodes it only now
    return imported


def issue(
    private_key: OKPKey,
    kid: str,
    caller: Caller,
    now: datetime,
    lifetime: timedelta,
    until: datetime | None = None,
) -> str:
    """A token for `caller`, valid from `now` (aware) for `lifetime`, at most LONGEST_LIFETIME.

    `until`: as long as identity is away a department honours it beyond `lifetime` until then, at most LONGEST_ABSENCE
    from now.
    """
    if lifetime > LONGEST_LIFETIME or (until and until - now > LONGEST_ABSENCE):
        raise Broken(f"a token may live {LONGEST_LIFETIME} at most, and {LONGEST_ABSENCE} while identity is away")
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": str(caller.id),
        "kind": caller.kind,
        "roles": sorted(caller.roles),
        "division": caller.division,
        "department": caller.department,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "jti": str(uuid7()),
    }
    if caller.kind == "citizen":
        claims["level"] = caller.level
    if until is not None:
        claims["until"] = int(until.timestamp())
    return jwt.encode({"alg": ALGORITHM, "kid": kid}, claims, private_key, registry=_REGISTRY)


def kid_of(token: str) -> str:
    """Which key it claims to be signed by. Nothing is checked yet. Raises NotSignedIn when it is no token of ours."""
    if len(token) > LONGEST_TOKEN:
        raise malformed()
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError):  # the last: brackets nested a thousand deep
        raise malformed() from None
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise malformed()
    return kid


def verify(token: str, kid: str, key: OKPKey) -> Verified:
    """Check signature and issuer and read the claims; times are judged by `judge`. Raises NotSignedIn."""
    try:
        claims = jwt.decode(token, key, registry=_REGISTRY).claims
    except BadSignatureError:
        raise NotSignedIn(
            "token_signature_wrong",
            "登录令牌的签名不正确，请重新登录。",
            "The token's signature is wrong; please sign in again.",
        ) from None
    except (JoseError, ValueError, RecursionError):
        raise malformed() from None
    if claims.get("iss") != ISSUER:
        raise NotSignedIn(
            "token_issuer_wrong",
            "登录令牌不是由身份认证部门签发的，请通过统一身份认证登录。",
            "The token was not issued by the identity department; please sign in there.",
        )
    return _read(claims, kid)


def _read(claims: dict[str, Any], kid: str) -> Verified:
    try:
        kind = claims["kind"]
        if kind not in ("citizen", "staff"):
            raise malformed()
        verified = Verified(
            # a role this release does not know yet allows nothing here
            Caller(
                kind,
                UUID(claims["sub"]),
                frozenset(Role(role) for role in claims["roles"] if role in _ROLES),
                claims["division"],
                claims.get("department"),
                # a citizen of whom nothing more is said has proved a phone at most
                "verified" if kind == "staff" or claims.get("level") == "verified" else "account",
            ),
            kid,
            datetime.fromtimestamp(claims["iat"], UTC),
            datetime.fromtimestamp(claims["exp"], UTC),
            datetime.fromtimestamp(claims["until"], UTC) if kind == "staff" and "until" in claims else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):  # the last two: absurd times
        raise malformed() from None
    if verified.expires_at - verified.issued_at > LONGEST_LIFETIME:
        raise malformed()
    if verified.until and verified.until - verified.issued_at > LONGEST_ABSENCE:
        raise malformed()
    return verified


def judge(verified: Verified, now: datetime, *, identity_is_away: bool = False) -> None:
    """Raises NotSignedIn unless `now` lies within the token's time, give or take LEEWAY.

    While identity is away nobody can renew a token, so those of staff are honoured until their session's end.
    """
    ends = verified.until if identity_is_away and verified.until else verified.expires_at
    if now >= ends + LEEWAY:
        raise NotSignedIn(
            "token_expired", "登录已过期，请重新登录。", "Your sign-in has expired; please sign in again."
        )
    if verified.issued_at > now + LEEWAY:
        raise NotSignedIn(
            "token_not_yet_valid",
            "登录令牌尚未生效，请核对设备时间后重新登录。",
            "The token is not valid yet; please check your clock and sign in again.",
        )


def malformed() -> NotSignedIn:
    return NotSignedIn(
        "token_malformed",
        "登录令牌格式不正确，请重新登录。",
        "The token is not well-formed; please sign in again.",
    )
