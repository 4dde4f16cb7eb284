"""Checks sign-in without asking identity: tokens against this department's own copy of identity's keys and staff."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from time import monotonic

import structlog
from joserfc.jwk import OKPKey

from shared.contracts.errors import NotSignedIn, Unavailable
from shared.department import tokens
from shared.department.caller import Caller
from shared.department.signing_keys import SigningKey, signing_keys
from shared.department.staff import find_appointment
from shared.department.tokens import Verified, issue
from shared.eventstore.database import Pool

log = structlog.get_logger(__name__)

KEYS_FRESH = 5.0  # seconds; within them a retirement is noticed
LOOK_FOR_UNKNOWN = 1.0  # seconds between looks for a key that was not there
MOST_REMEMBERED = 10_000  # verified tokens


class TokenCheck:
    """`await check.caller(authorization, now)`. A token's signature is verified once and then remembered."""

    def __init__(self, pool: Pool, identity_is_away: Callable[[], bool] = lambda: False) -> None:
        self._pool = pool
        self._identity_is_away = identity_is_away
        self._keys: Mapping[str, tuple[SigningKey, OKPKey]] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._remembered: dict[str, Verified] = {}  # by the Authorization header

    async def caller(self, authorization: str | None, now: datetime) -> Caller:
        """The sender of this Authorization header. Raises NotSignedIn, or Unavailable when no key is known yet.

        Of staff, identity's last word counts: the token, or the appointment or dismissal heard since it was issued.
        """
        if authorization is None:
            raise NotSignedIn("token_missing", "请先登录再办理。", "Please sign in first.")
        if monotonic() - self._read_at > KEYS_FRESH:
            await self._read_keys(KEYS_FRESH)
        verified = self._remembered.get(authorization)
        if verified is None:
            verified = await self._verify(authorization)
            self._judge(verified, now)
            self._remember(authorization, verified)
        else:
            self._judge(verified, now)
        return verified.caller if verified.caller.kind == "citizen" else await self._as_appointed(verified)

    def _judge(self, verified: Verified, now: datetime) -> None:
        tokens.judge(verified, now, identity_is_away=verified.until is not None and self._identity_is_away())

    async def _as_appointed(self, verified: Verified) -> Caller:
        """Both times are identity's, so they can be compared; a token's is cut to the second, so a tie is the event's.

        Without an appointment event, the token is trusted.
        """
        said = await find_appointment(self._pool, verified.caller.id)
        if said is None:
            return verified.caller
        if said.at < verified.issued_at:
            return replace(verified.caller, person=said.person)
        if not said.roles:
            raise NotSignedIn(
                "dismissed",
                "您已不在任，登录已失效；如有疑问，请联系本单位管理员。",
                "You no longer serve, so you can no longer sign in; if in doubt, please ask your administrator.",
            )
        return replace(
            verified.caller,
            roles=said.roles,
            division=said.division,
            department=said.department,
            person=said.person,
        )

    async def _verify(self, authorization: str) -> Verified:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise tokens.malformed()
        kid = tokens.kid_of(token)
        if kid not in self._keys:
            await self._read_keys(LOOK_FOR_UNKNOWN)
        known = self._keys.get(kid)
        if known is None:
            raise self._unknown()
        key, public = known
        verified = tokens.verify(token, kid, public)
        if _is_retired(key, verified):
            raise NotSignedIn(
                "token_key_retired",
                "登录令牌所用的签名密钥已停用，请重新登录。",
                "The key this token was signed with has been retired; please sign in again.",
            )
        return verified

    def _unknown(self) -> Exception:
        if not self._keys:
            return Unavailable("identity's signing keys have not arrived yet")
        return NotSignedIn(
            "token_key_unknown",
            "无法识别登录令牌的签名密钥，请稍后重试或重新登录。",
            "The key this token was signed with is not known here; please try again shortly or sign in again.",
        )

    async def _read_keys(self, at_most_every: float) -> None:
        """Read the keys anew, one reader at a time, and forget tokens whose key has been retired meanwhile."""
        async with self._reading:
            if monotonic() - self._read_at <= at_most_every:
                return
            self._keys = {
                kid: (key, public) for kid, key in (await signing_keys(self._pool)).items() if (public := _usable(key))
            }
            self._read_at = monotonic()
        for authorization, verified in list(self._remembered.items()):
            known = self._keys.get(verified.kid)
            if known is None or _is_retired(known[0], verified):
                del self._remembered[authorization]

    def _remember(self, authorization: str, verified: Verified) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]  # the one remembered longest
        self._remembered[authorization] = verified


def _usable(key: SigningKey) -> OKPKey | None:
    try:
        return tokens.public_key(key)
    except ValueError:
        log.warning("a signing key cannot be used", kid=key.kid)
        return None


def _is_retired(key: SigningKey, verified: Verified) -> bool:
    return key.retired_at is not None and verified.issued_at > key.retired_at


__all__ = ["Caller", "TokenCheck", "issue"]
