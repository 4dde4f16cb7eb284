"""For everybody: signing in and out, and new tokens for old."""

from datetime import datetime
from typing import Annotated, Literal, Self

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field, SecretStr

from services.identity.api.fields import Code, Device, Password
from services.identity.password_change import replace_initial_password
from services.identity.sessions import Sessions, Tokens
from services.identity.sign_in import Given, Proved, SignIn
from shared.contracts.errors import NotAllowed
from shared.department.body import Body
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


class CitizenSignIn(Body):
    """Without `phone` the verified account of the number; with it the account that proved the phone.

    `device` is what an earlier sign-in answered, `code` what `POST /codes` sent (purpose sign_in): either lets the
    owner in when a password was tried too often.
    """

    id_number: IdNumber
    password: Password
    phone: MobileNumber | None = None
    device: Device | None = None
    code: Code | None = None


class StaffSignIn(Body):
    login: Annotated[str, Field(max_length=40)]
    password: Password
    device: Device | None = None


class FirstPassword(Body):
    login: Annotated[str, Field(max_length=40)]
    password: Password
    new: Password


class CitizenFirstPassword(Body):
    id_number: IdNumber
    password: Password
    new: Password


class RefreshToken(Body):
    refresh_token: Annotated[SecretStr, Field(max_length=200)]


class TokenAnswer(BaseModel):
    """As OAuth 2.0 (RFC 6749 §5.1) answers, with the moment the session ends whatever one does.

    An account that has not proved who its holder is gets no refresh token. `device`: send it with the next sign-in.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int  # seconds
    refresh_token: str | None
    session_ends_at: datetime
    level: Literal["account", "verified"] | None  # of a citizen
    device: str | None = None

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        return cls(
            access_token=tokens.access_token,
            expires_in=int(tokens.access_lifetime.total_seconds()),
            refresh_token=tokens.refresh_token,
            session_ends_at=tokens.session_ends_at,
            level=tokens.level,
            device=tokens.device,
        )


def ensure_own(proved: Proved) -> None:
    """Raises NotAllowed for a one-time password."""
    if proved.is_initial:
        raise NotAllowed(
            "initial_password",
            "请先设置您自己的密码，再登录。",
            "Please choose your own password first, then sign in with it.",
        )


@post("/sign-in", status_code=200, tags=["sign-in"], summary="群众登录 / a citizen signs in")
async def sign_in_citizen(
    data: JSONBody[CitizenSignIn],
    sign_in: NamedDependency[SignIn],
    sessions: NamedDependency[Sessions],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> TokenAnswer:
    """By ID number and password. After 5 failures in 15 minutes a known device or a code is needed (429 code_needed).

    A client that fails 30 times in 15 minutes may try no more for the rest of them (429 too_many_attempts). A one-time
    password is changed first (403 initial_password). Under an Idempotency-Key there is one session: sent again it is
    told the same tokens, until they were used or the session is over (401 session_over).
    """
    given = Given(data.password.get_secret_value(), client, data.device, data.code, open_context.metadata.request)
    proved = await sign_in.citizen(data.id_number, data.phone, given, now)
    ensure_own(proved)
    return TokenAnswer.of(await sessions.open(proved, now, open_context))


@post("/staff/sign-in", status_code=200, tags=["sign-in"], summary="经办人员登录 / a member of staff signs in")
async def sign_in_staff(
    data: JSONBody[StaffSignIn],
    sign_in: NamedDependency[SignIn],
    sessions: NamedDependency[Sessions],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> TokenAnswer:
    """By login and password, limited as for citizens, but without codes: on a new device, while strangers try, an
    administrator gives a one-time password, which is changed first (403 initial_password).
    """
    given = Given(data.password.get_secret_value(), client, data.device)
    proved = await sign_in.staff(data.login, given, now)
    ensure_own(proved)
    return TokenAnswer.of(await sessions.open(proved, now, open_context))


@post("/staff/first-password", status_code=200, tags=["sign-in"], summary="首次设置密码 / choose one's own password")
async def choose_password(
    data: JSONBody[FirstPassword],
    sign_in: NamedDependency[SignIn],
    sessions: NamedDependency[Sessions],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> TokenAnswer:
    """Instead of a one-time password, by proof of it. Signs in as well. An own password is never right here."""
    given, new = data.password.get_secret_value(), data.new.get_secret_value()
    proved = await sign_in.staff_by_one_time_password(data.login, Given(given, client), now)
    chosen = await replace_initial_password(sign_in.household, proved, given, new, now, open_context)
    return TokenAnswer.of(await sessions.open(chosen, now, open_context))


@post("/first-password", status_code=200, tags=["sign-in"], summary="群众设置密码 / a citizen chooses his own password")
async def choose_citizens_password(
    data: JSONBody[CitizenFirstPassword],
    sign_in: NamedDependency[SignIn],
    sessions: NamedDependency[Sessions],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> TokenAnswer:
    """Instead of a one-time password from a window, by proof of it. Signs in as well."""
    given, new = data.password.get_secret_value(), data.new.get_secret_value()
    proved = await sign_in.citizen_by_one_time_password(data.id_number, Given(given, client), now)
    chosen = await replace_initial_password(sign_in.household, proved, given, new, now, open_context)
    return TokenAnswer.of(await sessions.open(chosen, now, open_context))


@post("/token/refresh", status_code=200, tags=["sign-in"], summary="换取新令牌 / new tokens for old")
async def refresh(
    data: JSONBody[RefreshToken],
    sessions: NamedDependency[Sessions],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> TokenAnswer:
    """A refresh token is good for one use. Sent again within a minute, or under its Idempotency-Key before its answer
    was used, it gets the same answer; otherwise it ends its session.
    """
    return TokenAnswer.of(await sessions.refresh(data.refresh_token.get_secret_value(), now, open_context))


@post("/sign-out", status_code=204, tags=["sign-in"], summary="退出登录 / sign out")
async def sign_out(
    data: JSONBody[RefreshToken],
    sessions: NamedDependency[Sessions],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> None:
    """Ends the session. Its last access token ends by itself, within minutes."""
    await sessions.close(data.refresh_token.get_secret_value(), now, open_context)


HANDLERS = (sign_in_citizen, sign_in_staff, choose_password, choose_citizens_password, refresh, sign_out)
