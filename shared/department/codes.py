"""Codes by phone: six digits that prove, for minutes, that somebody reads what is sent to a phone.

    await codes.ask(SIGN_UP, phone, now, client)      # 202, whatever comes of it
    await codes.use(SIGN_UP, phone, "123456", now)    # True once

A code is good for its purpose alone. Codes are no events. Who asks is answered before anything of the phone is looked
at, so neither the answer nor its time tells anything about the phone.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from os import urandom
from secrets import randbelow
from typing import Self

import structlog

from shared.contracts.errors import Invalid, TooMany
from shared.department.counts import Counts, Limit, Of
from shared.department.engine import Engine
from shared.department.message_gateway import Message, MessageGateway, gateway_of
from shared.department.settings import Settings
from shared.eventstore.database import Pool
from shared.standards.phone import MobileNumber
from shared.standards.text import Text

log = structlog.get_logger(__name__)

DIGITS = 6
LIVES = timedelta(minutes=5)
MOST_TRIES = 5  # of one code
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

CLIENT_HOUR = Limit("code client hour", 30, HOUR)
CLIENT_DAY = Limit("code client day", 100, DAY)
PHONE_LIMITS = (
    Limit("code phone minute", 1, timedelta(seconds=59)),
    Limit("code phone hour", 5, HOUR),
    Limit("code phone day", 10, DAY),
)
FROM_ONE_CLIENT = Limit("code phone client", 6, DAY)  # so that no single stranger uses up a phone's day
ALL_LIVING = Limit("code all living", 3_000, LIVES)  # bounds the table
ALL_DAY = Limit("code all day", 50_000, DAY)

ADD = "insert into codes (purpose, phone, code, until) values ($1, $2, $3, $4)"
USE = """
with tried as (
  update codes set tries = tries + 1, used_by = case when code = $4 then $5 else used_by end
  where purpose = $1 and phone = $2 and until > $3 and tries < $6 and (used_by is null or used_by = $5)
  returning code = $4 as is_right
)
select coalesce(bool_or(is_right), false) from tried
"""
LIVING = "select count(*) from codes"

Later = Callable[[Callable[[], Awaitable[None]]], None]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a code is good for; `title` completes “a code for …”."""

    name: str
    title: Text


class Codes:
    """`secret` keys the hashes that are stored. `later` does work beside the answer, as `BesideAnswers.begin`."""

    def __init__(self, pool: Pool, gateway: MessageGateway, secret: bytes, later: Later) -> None:
        self._pool = pool
        self._gateway = gateway
        self._secret = secret
        self._counts = Counts(pool, secret)
        self._later = later

    @classmethod
    def of(cls, engine: Engine, settings: Settings, secret: bytes) -> Self:
        return cls(engine.pool, gateway_of(settings, engine.pool), secret, engine.beside_answers.begin)

    async def ask(self, purpose: Purpose, phone: MobileNumber | None, now: datetime, client: str) -> None:
        """Have one sent, unless too many went to this phone. Raises TooMany for a client that asks too often.

        None: nobody is to get one, and the client is not to know.

        A code that is lost on the way, by a crash or because the gateway is away, is asked for again.
        """
        hour, day = await self._counts.count(now, (CLIENT_HOUR, client), (CLIENT_DAY, client))
        if hour.is_over or day.is_over:
            wait = max(one.seconds_left(now) for one in (hour, day) if one.is_over)
            raise TooMany(
                "too_many_codes",
                "从您的网络索取验证码过于频繁，请稍后再试。",
                "Too many codes were asked for from your network; please try again later.",
                retry_after=wait,
            )
        if phone is not None:
            to = phone
            self._later(lambda: self._send(purpose, to, now, client))

    async def use(
        self, purpose: Purpose, phone: MobileNumber | str, code: str, now: datetime, request: str | None = None
    ) -> bool:
        """Whether the code was sent to the phone for this purpose, lives, and has not served another request.

        `request` names the one it serves, so that the same one asked again finds the code still good.
        """
        used_by = urandom(16) if request is None else sha256(request.encode()).digest()[:16]
        digest = self._code(purpose, phone, code)
        is_right: bool = await self._pool.fetchval(
            USE, purpose.name, self._phone(phone), now, digest, used_by, MOST_TRIES
        )
        return is_right

    async def _send(self, purpose: Purpose, phone: MobileNumber, now: datetime, client: str) -> None:
        of = f"{purpose.name} {phone}"  # the codes of one purpose use up none of another's
        limits: list[Of] = [(FROM_ONE_CLIENT, f"{of} {client}"), *((limit, of) for limit in PHONE_LIMITS)]
        for one in (*limits, (ALL_LIVING, ""), (ALL_DAY, "")):  # one by one: what is refused uses up nothing further
            [counted] = await self._counts.count(now, one)
            if counted.is_over:
                log.info("no code sent", limit=counted.limit.kind)
                return
        code = f"{randbelow(10**DIGITS):0{DIGITS}}"
        await self._pool.execute(ADD, purpose.name, self._phone(phone), self._code(purpose, phone, code), now + LIVES)
        await self._gateway.send(Message(phone, f"code {purpose.name}", words(purpose, code)))

    def _phone(self, phone: str) -> bytes:
        return hmac.digest(self._secret, f"phone\n{phone}".encode(), sha256)[:16]

    def _code(self, purpose: Purpose, phone: str, code: str) -> bytes:
        return hmac.digest(self._secret, f"code\n{purpose.name}\n{phone}\n{code}".encode(), sha256)


def words(purpose: Purpose, code: str) -> str:
    """The text of the message."""
    minutes = int(LIVES.total_seconds() // 60)
    return (
        f"【通办】验证码{code}，用于{purpose.title.zh}，{minutes}分钟内有效。请勿告知他人，工作人员不会向您索取。"
        f" Code {code} for {purpose.title.en}, valid for {minutes} minutes. Tell it to nobody."
    )


def code_wrong() -> Invalid:
    """One answer for a code that is wrong, old, used, or another purpose's."""
    return Invalid(
        "code_wrong",
        "验证码不正确或已失效，请核对后重填，或重新获取。",
        "The code is wrong or no longer valid; please check it, or ask for a new one.",
        fields={"code": Text("验证码不正确或已失效。", "The code is wrong or no longer valid.")},
    )
