"""Proving who one is. Unknown names and wrong passwords get one answer, after the same work."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity import passwords
from services.identity.domain import staff
from services.identity.domain.attempts import ATTEMPTS, RecordFailure, RecordSuccess
from services.identity.holders import Holder, holder
from services.identity.household import Household
from shared.contracts.errors import NotSignedIn
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class SignIn:
    """Each method raises NotSignedIn when the password is not right, TooMany when too many were not.

    `context` tells who asks; its key is not gone by, or a repeated guess would not count.
    """

    household: Household

    async def citizen(self, number: IdNumber, password: str, now: datetime, context: Context) -> Holder:
        attempts = self.household.pseudonyms.citizen_sign_in_attempts(number)
        id, _ = await self.household.find(number)
        found = await holder(self.household.store, "citizen", id)
        return await self.prove(attempts, found, password, now, context)

    async def staff(self, login: str, password: str, now: datetime, context: Context) -> staff.Serving:
        login = login.strip().lower()
        attempts = self.household.pseudonyms.staff_sign_in_attempts(login)
        found = await holder(self.household.store, "staff", self.household.pseudonyms.staff(login))
        proved = await self.prove(attempts, found, password, now, context)
        assert isinstance(proved, staff.Serving)  # found as staff
        return proved

    async def ensure_open(self, attempts: UUID, now: datetime) -> None:
        """Raises TooMany while too many attempts have failed, before any work is done."""
        (await self.household.store.load(ATTEMPTS.stream(attempts), ATTEMPTS)).state.ensure_open(now)

    async def record(self, attempts: UUID, is_right: bool, now: datetime, context: Context) -> None:
        """Count an attempt. Raises TooMany when others, made beside it, have used up what is allowed."""
        command = RecordSuccess(now) if is_right else RecordFailure(now)
        stream = ATTEMPTS.stream(attempts)
        await self.household.store.execute(stream, ATTEMPTS, command, replace(context, key=None))

    async def prove(
        self, attempts: UUID, found: Holder | None, password: str, now: datetime, context: Context
    ) -> Holder:
        """Whoever was found, if the password is his."""
        await self.ensure_open(attempts, now)
        is_right = await passwords.is_right(password, found.password_hash if found else None)
        await self.record(attempts, is_right, now, context)
        if found is None or not is_right:
            raise NotSignedIn(
                "wrong_credentials",
                "账号或密码不正确，请重新输入。",
                "The name or the password is wrong; please try again.",
            )
        return found
