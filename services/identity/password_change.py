"""Choosing an own password, by proof of the present one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.identity import passwords
from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.password import check_password
from services.identity.domain.session import session_over
from services.identity.domain.staff import STAFF
from services.identity.holders import Holder, holder
from services.identity.household import Household
from services.identity.sign_in import SignIn
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done


async def change_password(
    sign_in: SignIn, caller: Caller, current: str, new: str, now: datetime, context: Context
) -> Done[Any]:
    """Raises Invalid for a new password that will not do, and NotSignedIn and TooMany as signing in does."""
    household = sign_in.household
    found = await holder(household.store, caller.kind, caller.id)
    if found is None:
        raise session_over()
    check_password(new, known_to_others=await _known(household, found))
    await sign_in.prove_again(found, current, now)
    return await _choose(household, found, new, now, context)


async def replace_initial_password(
    household: Household, proved: Holder, given: str, new: str, now: datetime, context: Context
) -> Holder:
    """`proved`: by the one-time password `given`. Raises Invalid."""
    check_password(new, known_to_others=(*await _known(household, proved), given))
    chosen: Holder = (await _choose(household, proved, new, now, replace(context, key=None))).state
    return chosen


async def _known(household: Household, of: Holder) -> tuple[str, ...]:
    """What others may know of them."""
    match of:
        case staff.Serving():
            return (of.login,)
        case account.Opened():
            return (await household.entry(of.citizen)).id_number, of.phone


async def _choose(household: Household, of: Holder, new: str, now: datetime, context: Context) -> Done[Any]:
    password_hash = await passwords.hashed(new)
    match of:
        case staff.Serving():
            of_staff = staff.ChangePassword(password_hash, now, of.password_hash)
            return await household.store.execute(STAFF.stream(of.staff), STAFF, of_staff, context)
        case account.Opened():
            of_citizen = account.ChangePassword(password_hash, now, of.password_hash)
            return await household.store.execute(ACCOUNT.stream(of.citizen), ACCOUNT, of_citizen, context)
