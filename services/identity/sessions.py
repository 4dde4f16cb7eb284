"""Sessions and their tokens: access tokens for minutes, refresh tokens for one use each."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from joserfc.jwk import OKPKey

from services.identity.domain.events import SessionEnd
from services.identity.domain.session import SESSION, CloseSession, Open, OpenSession, RefreshSession, session_over
from services.identity.holders import Holder, caller_of, holder
from shared.contracts.errors import NotSignedIn
from shared.department.caller import Caller
from shared.department.sign_in import issue
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    access_lifetime: timedelta
    refresh_token: str  # '<session id>.<32 random bytes, base64url>'
    session_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """`context` tells who asks; its key is not gone by: tokens are not kept, so a repeated request gets new ones."""

    store: Store
    signing_key: OKPKey
    kid: str
    token_lifetime: timedelta
    session_lifetime: timedelta

    async def open(self, proved: Holder, now: datetime, context: Context) -> Tokens:
        context = replace(context, key=None)
        id = context.id_for("session")
        caller = caller_of(proved)
        refresh_token = new_refresh_token(id)
        ends_at = now + self.session_lifetime
        command = OpenSession(caller.id, caller.kind, hash_of(refresh_token), now, ends_at)
        await self.store.execute(SESSION.stream(id), SESSION, command, context)
        return self._tokens(caller, refresh_token, ends_at, now)

    async def refresh(self, refresh_token: str, now: datetime, context: Context) -> Tokens:
        """New tokens for old. Raises NotSignedIn when the session is over, by this very request perhaps."""
        id = session_of(refresh_token)
        known = (await self.store.load(SESSION.stream(id), SESSION)).state
        if not isinstance(known, Open):
            raise session_over()
        who = await holder(self.store, known.kind, known.holder)
        fresh = new_refresh_token(id)
        command = RefreshSession(hash_of(refresh_token), hash_of(fresh), barred(known, who), now)
        done = await self.store.execute(SESSION.stream(id), SESSION, command, replace(context, key=None))
        if who is None or not isinstance(done.state, Open):
            raise session_over()
        return self._tokens(caller_of(who), fresh, known.expires_at, now)

    async def close(self, refresh_token: str, now: datetime, context: Context) -> None:
        """Sign out. A token of no open session is as good as signed out."""
        try:
            id = session_of(refresh_token)
        except NotSignedIn:
            return
        command = CloseSession(hash_of(refresh_token), now)
        await self.store.execute(SESSION.stream(id), SESSION, command, replace(context, key=None))

    def _tokens(self, caller: Caller, refresh_token: str, ends_at: datetime, now: datetime) -> Tokens:
        lifetime = min(self.token_lifetime, ends_at - now)
        access_token = issue(self.signing_key, self.kid, caller, now, lifetime)
        return Tokens(access_token, lifetime, refresh_token, ends_at)


def barred(known: Open, who: Holder | None) -> SessionEnd | None:
    """Why a session may not go on, if so."""
    if who is None:
        return SessionEnd.died if known.kind == "citizen" else SessionEnd.dismissed
    return SessionEnd.password_changed if who.password_set_at > known.opened_at else None


def new_refresh_token(session: UUID) -> str:
    return f"{session}.{token_urlsafe(32)}"


def session_of(refresh_token: str) -> UUID:
    """Raises NotSignedIn for what is no refresh token."""
    try:
        return UUID(refresh_token.partition(".")[0])
    except ValueError:
        raise session_over() from None


def hash_of(refresh_token: str) -> str:
    """A plain hash is enough: the token is 256 random bits, not a password."""
    return sha256(refresh_token.encode()).hexdigest()
