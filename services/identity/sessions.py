"""Sessions and their tokens: access tokens for minutes, refresh tokens for one use each.

A refresh token's successor follows from it under a key of the department, so whoever sends it twice is told the same
one twice: two tabs, a lost answer and a killed process make no second session and no second event. The first one
follows from the key of the request that opened the session: what is proved once opens one session, however often it is
sent.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from uuid import UUID

from joserfc.jwk import OKPKey

from services.identity.devices import Devices
from services.identity.domain.events import SessionEnd
from services.identity.domain.person import PERSON, Annulled
from services.identity.domain.session import (
    SESSION,
    CloseSession,
    Open,
    OpenSession,
    RefreshSession,
    State,
    session_over,
)
from services.identity.holders import Holder, caller_of, holder, id_of, password_set_at
from services.identity.phone_accounts import PhoneAccount
from services.identity.trying import REFRESHES_DAY, SESSIONS_DAY, Trying
from shared.contracts.errors import NotSignedIn
from shared.department.caller import Caller, Level
from shared.department.sign_in import issue
from shared.department.tokens import LONGEST_ABSENCE
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards import base64url

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
        """At most one session under a key: asked again it is told again, while nobody has used its refresh token.

        Raises TooMany, and NotSignedIn when the session of the key is over or went on.
        """
        if isinstance(proved, PhoneAccount):
            return self._of_phone(proved, now)
        await self.trying.once_more(SESSIONS_DAY, str(id_of(proved)), now)
        caller = caller_of(proved)
        if context.key is not None:
            context = replace(context, key=f"session of {caller.kind} {caller.id}\n{context.key}")
        refresh_token = self._first(context)
        session = session_of(refresh_token)
        command = OpenSession(caller.id, caller.kind, hash_of(refresh_token), now, now + self.session_lifetime)
        done = await self.store.execute(SESSION.stream(session), SESSION, command, context)
        who = await self._again(done.state, refresh_token, now) if done.is_repeat else proved
        if not isinstance(done.state, Open):
            raise session_over()
        tokens = self._tokens(caller_of(who), refresh_token, done.state.expires_at, now)
        return replace(tokens, device=self.devices.issue(caller.id, password_set_at(who), now))

    async def refresh(self, refresh_token: str, now: datetime, context: Context) -> Tokens:
        """New tokens for old. Raises NotSignedIn when the session is over, by this very request perhaps; TooMany."""
        id = session_of(refresh_token)
        presented = hash_of(refresh_token)
        known = (await self.store.stand(SESSION.stream(id), SESSION)).state
        if not isinstance(known, Open) or (presented != known.refresh_hash and presented not in known.spent):
            raise session_over()
        await self.trying.once_more(REFRESHES_DAY, str(known.holder), now)
        who = await holder(self.store, known.kind, known.holder)
        bar = await self._bar(known, who)
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

    async def _again(self, session: State, refresh_token: str, now: datetime) -> Holder:
        """Whose session it is, while it is open and nobody has used this token of it. Raises NotSignedIn."""
        if not isinstance(session, Open) or session.refresh_hash != hash_of(refresh_token) or now >= session.expires_at:
            raise session_over()
        who = await holder(self.store, session.kind, session.holder)
        if who is None or barred(session, who):
            raise session_over()
        return who

    async def _bar(self, known: Open, who: Holder | None) -> SessionEnd | None:
        bar = barred(known, who)
        if bar != SessionEnd.died:
            return bar
        entry = (await self.store.stand(PERSON.stream(known.holder), PERSON)).state
        return SessionEnd.annulled if isinstance(entry, Annulled) else bar

    def _first(self, context: Context) -> str:
        """The first token of a session: it follows from the key of the request, if there is one."""
        secret = hmac.digest(self.refresh_key, f"first\n{context.key or token_hex(32)}".encode(), sha256)
        return f"{context.id_for('session')}.{base64url.encode(secret)}"

    def successor(self, refresh_token: str) -> str:
        session, _, _ = refresh_token.partition(".")
        return f"{session}.{base64url.encode(hmac.digest(self.refresh_key, refresh_token.encode(), sha256))}"

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
        return Tokens(
            access_token, lifetime, None, now + lifetime, caller.level, self.devices.issue(proved.id, None, now)
        )


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
