"""Bounds how often passwords are tried. Counted in a bounded table, for names that exist and names that do not.

A client that failed too often, an account that was tried too often, or any while too many are tried in all, asks for
more than a password: a known device, or a code by phone. So a sprayer ends after tens, and an owner gets in, behind a
shared address too. Limit: somebody with several addresses can use up the codes that a phone gets in a day; then the
owner needs a device they signed in on before.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts.errors import Refused, TooMany
from shared.department.counts import Counted, Counts, Limit, Of

WITHIN = timedelta(minutes=15)
DAY = timedelta(days=1)

CLIENT = Limit("failures client", 30, WITHIN)
CLIENT_OF_STAFF = Limit("failures client staff", 30, WITHIN)  # a hall's citizens keep no clerk out
WITH_A_CODE = 4  # times a client's limit may be tried with a code beside the password: each costs a hash
DEVICE = Limit("failures device", 5, WITHIN, bits=None)  # only who signed in has one
PASSWORD_CHANGE = Limit("failures password change", 5, WITHIN, bits=None)  # by who is signed in
OPENINGS_DAY = Limit("accounts opened day", 10_000, DAY)
SESSIONS_DAY = Limit("sessions day", 200, DAY, bits=None)  # of one account: each is an event
REFRESHES_DAY = Limit("refreshes day", 1_000, DAY, bits=None)
REFUSED_APPOINTMENTS_DAY = Limit("refused appointments day", 30, DAY, bits=None)  # by one administrator


@dataclass(frozen=True, slots=True)
class Tried:
    """The limits of one kind of account. `everybody`: beyond it, all need more than a password."""

    account: Limit
    everybody: Limit
    client: Limit = CLIENT


CITIZENS = Tried(Limit("failures citizen", 5, WITHIN), Limit("failures citizens", 1_000, WITHIN))
STAFF = Tried(Limit("failures staff", 5, WITHIN), Limit("failures all staff", 500, WITHIN), CLIENT_OF_STAFF)
FIRST = Tried(Limit("failures first password", 5, WITHIN), Limit("failures first passwords", 500, WITHIN))


@dataclass(slots=True)
class Trial:
    """One try, counted as a failure until `succeeded`."""

    counted: list[Of]
    client: Counted
    account: Counted | None
    everybody: Counted | None
    is_known_device: bool = False
    succeeded: bool = False

    def ensure_client(self, now: datetime) -> None:
        """Raises TooMany for a client that failed far too often, unless it is a known device."""
        if self.client.count > self.client.limit.most * WITH_A_CODE and not self.is_known_device:
            raise too_many(self.client, now)

    @property
    def needs_more(self) -> bool:
        """More than a password: a known device or a code."""
        is_over = any(one is not None and one.is_over for one in (self.client, self.account, self.everybody))
        return is_over and not self.is_known_device


@dataclass(frozen=True, slots=True)
class Trying:
    counts: Counts

    @asynccontextmanager
    async def trial(
        self, client: str, now: datetime, of: Tried | None = None, account: str = "", device: UUID | None = None
    ) -> AsyncIterator[Trial]:
        """Counted before it is tried, so that guesses side by side count too; given back once it succeeded."""
        counted: list[Of] = [(of.client if of else CLIENT, client)]
        if of is not None:
            counted += [(of.account, account), (of.everybody, "")]
        first, *others = await self.counts.count(now, *counted)
        trial = Trial(counted, first, *(others or (None, None)))
        if device is not None:
            [own] = await self.counts.count(now, (DEVICE, str(device)))
            trial.counted.append((DEVICE, str(device)))
            trial.is_known_device = not own.is_over
        yield trial
        if trial.succeeded:
            await self.counts.give_back(now, *trial.counted)

    async def once_more(self, limit: Limit, whom: str, now: datetime) -> None:
        """Raises TooMany when it was done too often."""
        [counted] = await self.counts.count(now, (limit, whom))
        if counted.is_over:
            raise too_many(counted, now)


@dataclass(frozen=True, slots=True)
class RefusedAppointments:
    """What an administrator is refused tells something of people: so many times a day, then nothing more."""

    counts: Counts

    @asynccontextmanager
    async def counted(self, by: UUID, now: datetime) -> AsyncIterator[None]:
        """Raises TooMany after too many refusals; the refusal beyond them is not told any more."""
        whom = (REFUSED_APPOINTMENTS_DAY, str(by))
        if (so_far := await self.counts.so_far(now, *whom)) and so_far.count >= so_far.limit.most:
            raise too_many(so_far, now)
        try:
            yield
        except Refused:
            [counted] = await self.counts.count(now, whom)
            if counted.is_over:
                raise too_many(counted, now) from None
            raise


def too_many(counted: Counted, now: datetime) -> TooMany:
    return TooMany(
        "too_many_attempts",
        "尝试次数过多，请稍后再试。",
        "Too many attempts; please try again later.",
        retry_after=counted.seconds_left(now),
    )


def more_needed(trial: Trial, now: datetime) -> TooMany:
    """The same whether or not the account exists."""
    over = [one for one in (trial.client, trial.account, trial.everybody) if one is not None and one.is_over]
    return TooMany(
        "code_needed",
        "密码尝试次数过多。请获取手机验证码并连同密码登录，或使用曾登录过的设备，或稍后再试；经办人员可请管理员重置密码。",
        "This was tried too often. Sign in with a code by phone beside the password, or on a device you signed in on "
        "before, or try later; staff may ask their administrator for a new password.",
        retry_after=max(one.seconds_left(now) for one in over),
    )
