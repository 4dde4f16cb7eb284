"""Sessions and their tokens: access tokens for minutes, refresh tokens for one use each.

A refresh token's successor follows from it under a key of the department, so whoever sends it twice is told the same
one twice: two tabs, a lost answer and a killed process make no second session and no second event.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from uuid import UUID

from joserfc.jwk import OKPKey

from services.identity.devices import Devices
from services.identity.domain.events import SessionEnd
from services.identity.domain.session import (
    SESSION,
    CloseSession,
    Open,
    OpenSession,
    RefreshSession,
    State,
    session_over,
)
from services.identity.holders import Holder, caller_of, holder, id_of
from services.identity.phone_accounts import PhoneAccount
from services.identity.trying import REFRESHES_DAY, SESSIONS_DAY, Trying
from shared.contracts.errors import NotSignedIn
from shared.department.caller import Caller, Level
from shared.department.sign_in import issue
from shared.department.tokens import LONGEST_ABSENCE
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store

ACCOUNT_LIFETIME = timedelta(minutes=30)  # of the one token that an account without proof of identity gets
FURTHEST = 50  # successors that can have come within the grace


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh_token`: '<session id>.<32 bytes, base64url>'; None for an account without proof of identity."""

    access_token: str
    access_lifetime: timedelta
    refresh_token: str | None
    session_ends_at: datetime
    level: Level | None  # of a citizen
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Sessions:
    """`refresh_key`: what successors follow from. `context` tells who asks."""

    store: Store
    signing_key: OKPKey
    kid: str
    token_lifetime: timedelta
    session_lifetime: timedelta
    refresh_key: bytes
    devices: Devices
    trying: Trying

    async def open(self, proved: Holder | PhoneAccount, now: datetime, context: Context) -> Tokens:
        """A repeated request opens another: of tokens only hashes are kept. Raises TooMany."""
        if isinstance(proved, PhoneAccount):
            return self._of_phone(proved, now)
        await self.trying.once_more(SESSIONS_DAY, str(id_of(proved)), now)
        context = replace(context, key=None)
        id = context.id_for("session")
        caller = caller_of(proved)
        refresh_token = f"{id}.{_text(token_bytes(32))}"
        ends_at = now + self.session_lifetime
        command = OpenSession(caller.id, caller.kind, hash_of(refresh_token), now, ends_at)
        await self.store.execute(SESSION.stream(id), SESSION, command, context)
        return replace(self._tokens(caller, refresh_token, ends_at, now), device=self.devices.issue(caller.id, now))

    async def refresh(self, refresh_token: str, now: datetime, context: Context) -> Tokens:
        """New tokens for old. Raises NotSignedIn when the session is over, by this very request perhaps; TooMany."""
        id = session_of(refresh_token)
        presented = hash_of(refresh_token)
        known = (await self.store.load(SESSION.stream(id), SESSION)).state
        if not isinstance(known, Open) or (presented != known.refresh_hash and presented not in known.spent):
            raise session_over()
        await self.trying.once_more(REFRESHES_DAY, str(known.holder), now)
        who = await holder(self.store, known.kind, known.holder)
        bar = barred(known, who)
        command = RefreshSession(presented, hash_of(self.successor(refresh_token)), bar, now)
        done = await self.store.execute(SESSION.stream(id), SESSION, command, context)
        if done.is_repeat and not self._answers_again(done, refresh_token, bar, now):
            done = await self.store.execute(SESSION.stream(id), SESSION, command, replace(context, key=None))
        if who is None or not isinstance(done.state, Open):
            raise session_over()
        return self._tokens(caller_of(who), self._current(refresh_token, done.state), known.expires_at, now)

    async def close(self, refresh_token: str, now: datetime, context: Context) -> None:
        """Sign out. A token of no open session is as good as signed out."""
        try:
            id = session_of(refresh_token)
        except NotSignedIn:
            return
        command = CloseSession(hash_of(refresh_token), now)
        await self.store.execute(SESSION.stream(id), SESSION, command, replace(context, key=None))

    def successor(self, refresh_token: str) -> str:
        session, _, _ = refresh_token.partition(".")
        return f"{session}.{_text(hmac.digest(self.refresh_key, refresh_token.encode(), sha256))}"

    def _answers_again(self, done: Done[State], refresh_token: str, bar: SessionEnd | None, now: datetime) -> bool:
        """Whether a request repeated under its key, however late, is told its answer again: nobody has used it yet."""
        state = done.state
        return (
            isinstance(state, Open)
            and bar is None
            and now < state.expires_at
            and state.refresh_hash == hash_of(self.successor(refresh_token))
        )

    def _current(self, refresh_token: str, session: Open) -> str:
        """The session's token, which follows from the one presented. Raises NotSignedIn when it does not."""
        token = refresh_token
        for _ in range(FURTHEST):
            token = self.successor(token)
            if hash_of(token) == session.refresh_hash:
                return token
        raise session_over()

    def _tokens(self, caller: Caller, refresh_token: str, ends_at: datetime, now: datetime) -> Tokens:
        """While identity is away, departments honour those of staff until the session ends."""
        lifetime = min(self.token_lifetime, ends_at - now)
        until = min(ends_at, now + LONGEST_ABSENCE) if caller.kind == "staff" else None
        access_token = issue(self.signing_key, self.kid, caller, now, lifetime, until)
        return Tokens(
            access_token, lifetime, refresh_token, ends_at, caller.level if caller.kind == "citizen" else None
        )

    def _of_phone(self, proved: PhoneAccount, now: datetime) -> Tokens:
        """No session: a stranger makes such accounts, and a session is an event."""
        caller = Caller("citizen", proved.id, level="account")
        lifetime = min(ACCOUNT_LIFETIME, proved.ends_at - now)
        access_token = issue(self.signing_key, self.kid, caller, now, lifetime)
        return Tokens(access_token, lifetime, None, now + lifetime, caller.level, self.devices.issue(proved.id, now))


def barred(known: Open, who: Holder | None) -> SessionEnd | None:
    """Why a session may not go on, if so."""
    if who is None:
        return SessionEnd.died if known.kind == "citizen" else SessionEnd.dismissed
    return SessionEnd.password_changed if who.password_set_at > known.opened_at else None


def session_of(refresh_token: str) -> UUID:
    """Raises NotSignedIn for what is no refresh token."""
    try:
        return UUID(refresh_token.partition(".")[0])
    except ValueError:
        raise session_over() from None


def hash_of(refresh_token: str) -> str:
    """A plain hash is enough: the token is 256 random bits, not a password."""
    return sha256(refresh_token.encode()).hexdigest()


def _text(random: bytes) -> str:
    return urlsafe_b64encode(random).rstrip(b"=").decode()
