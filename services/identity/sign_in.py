"""Proving who one is by password. Unknown names and wrong passwords get one answer, after the same work."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.identity import passwords
from services.identity.code_purposes import SIGN_IN
from services.identity.devices import Devices
from services.identity.domain import account
from services.identity.domain.account import ACCOUNT
from services.identity.domain.password import wrong_credentials
from services.identity.domain.person import Entered
from services.identity.domain.staff import STAFF, Serving
from services.identity.holders import Holder, id_of, password_set_at
from services.identity.household import Household
from services.identity.phone_accounts import PhoneAccount, PhoneAccounts
from services.identity.trying import CITIZENS, FIRST, PASSWORD_CHANGE, Tried, Trying, more_needed, too_many
from services.identity.trying import STAFF as STAFF_TRIED
from shared.department.codes import Codes
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber

Proved = Holder | PhoneAccount

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Given:
    """What came with a sign-in beside the name. `request` names it, so that its code serves it again."""

    password: str
    client: str
    device: str | None = None
    code: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Each method raises NotSignedIn when the password is not right, TooMany when too many were not."""

    household: Household
    phone_accounts: PhoneAccounts
    trying: Trying
    codes: Codes
    devices: Devices

    async def citizen(self, number: IdNumber, phone: MobileNumber | None, given: Given, now: datetime) -> Proved:
        """The verified account of the number; with a phone the account that proved it, verified or not."""
        verified = await self._verified(number)
        by_phone = await self.phone_accounts.of(number, phone or "", now)
        found: Proved | None = verified
        if phone is not None:
            found = by_phone or (verified if verified and verified.phone == phone else None)
        reached_at = found.phone if isinstance(found, account.Opened | PhoneAccount) else phone
        return await self._prove(CITIZENS, f"citizen {number}", found, reached_at, given, now)

    async def staff(self, login: str, given: Given, now: datetime) -> Serving:
        login = login.strip().lower()
        proved = await self._prove(STAFF_TRIED, f"staff {login}", await self._serving(login), None, given, now)
        assert isinstance(proved, Serving)  # found as staff
        return proved

    async def citizen_by_one_time_password(self, number: IdNumber, given: Given, now: datetime) -> Holder:
        """Its 80 random bits are guessed by nobody, so no account's limit holds: the way back in for its owner.

        An own password is never right here, or it could be guessed without that limit.
        """
        return await self._prove_one_time(await self._verified(number), given, now)

    async def staff_by_one_time_password(self, login: str, given: Given, now: datetime) -> Holder:
        """One of an appointment may be an administrator's invention, so it has a limit of its own, which is not told.

        Beyond it the administrator gives another, which the department makes.
        """
        login = login.strip().lower()
        return await self._prove_one_time(await self._serving(login), given, now, f"staff {login}")

    async def prove_again(self, found: Holder, password: str, now: datetime) -> None:
        """By who is signed in, for what a stolen token alone must not do."""
        await self.trying.once_more(PASSWORD_CHANGE, str(id_of(found)), now)
        if not await passwords.is_right(password, found.password_hash):
            raise wrong_credentials()
        await self.trying.counts.give_back(now, (PASSWORD_CHANGE, str(id_of(found))))

    async def _prove(
        self, of: Tried, name: str, found: Proved | None, phone: MobileNumber | None, given: Given, now: datetime
    ) -> Proved:
        set_at = password_set_at(found) if found else None
        device = self.devices.known(given.device, id_of(found) if found else NOBODY, set_at, now)
        async with self.trying.trial(given.client, now, of, name, device) as trial:
            trial.ensure_client(now)
            if trial.needs_more and given.code is None:
                raise more_needed(trial, now)
            is_right = await passwords.is_right(given.password, found.password_hash if found else None)
            by_code = False
            if given.code is not None:
                # beside the right password only, or strangers would use up the tries of the owner's code
                reached = phone if is_right and phone else ""
                by_code = await self.codes.use(SIGN_IN, reached, given.code, now, given.request)
            if trial.needs_more and not by_code:
                raise more_needed(trial, now)
            trial.succeeded = is_right
        if found is None or not trial.succeeded:
            raise wrong_credentials()
        return found

    async def _prove_one_time(
        self, found: Holder | None, given: Given, now: datetime, name: str | None = None
    ) -> Holder:
        async with self.trying.trial(given.client, now, FIRST if name else None, name or "") as trial:
            trial.ensure_client(now)
            if trial.client.is_over:
                raise too_many(trial.client, now)
            is_shut = trial.needs_more and isinstance(found, Serving) and found.is_first_password
            one_time = found.password_hash if found and found.is_initial and not is_shut else None
            trial.succeeded = await passwords.is_right(given.password, one_time)
        if found is None or not trial.succeeded:
            raise wrong_credentials()
        return found

    async def _verified(self, number: IdNumber) -> account.Opened | None:
        """By the same look-ups for every number."""
        id, entry = await self.household.find(number)
        state = (await self.household.store.stand(ACCOUNT.stream(id), ACCOUNT)).state
        return state if isinstance(entry, Entered) and isinstance(state, account.Opened) else None

    async def _serving(self, login: str) -> Serving | None:
        id = self.household.pseudonyms.staff(login)
        state = (await self.household.store.stand(STAFF.stream(id), STAFF)).state
        return state if isinstance(state, Serving) else None
