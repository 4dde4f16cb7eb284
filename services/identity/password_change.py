"""Setting a new password, by proof of the old one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.identity import passwords
from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.password import check_password
from services.identity.domain.session import session_over
from services.identity.domain.staff import STAFF
from services.identity.holders import holder
from services.identity.sign_in import SignIn
from shared.contracts.errors import Refused
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done


async def change_password(
    sign_in: SignIn, caller: Caller, current: str, new: str, now: datetime, context: Context
) -> Done[Any]:
    """Raises Invalid for a new password that will not do, and NotSignedIn and TooMany as signing in does."""
    household = sign_in.household
    match await holder(household.store, caller.kind, caller.id):
        case staff.Serving() as serving:
            check_password(new, known_to_others=(serving.login,))
            attempts = household.pseudonyms.staff_sign_in_attempts(serving.login)
            await sign_in.prove(attempts, serving, current, now, context)
            of_staff = staff.ChangePassword(await passwords.hashed(new), now)
            return await household.store.execute(STAFF.stream(caller.id), STAFF, of_staff, context)
        case account.Opened() as opened:
            number = (await household.entry(caller.id)).id_number
            check_password(new, known_to_others=(number, opened.phone))
            attempts = household.pseudonyms.citizen_sign_in_attempts(number)
            await sign_in.prove(attempts, opened, current, now, context)
            of_citizen = account.ChangePassword(await passwords.hashed(new), now)
            return await household.store.execute(ACCOUNT.stream(caller.id), ACCOUNT, of_citizen, context)
        case None:
            raise session_over()


async def replace_initial_password(
    sign_in: SignIn, login: str, given: str, new: str, now: datetime, context: Context
) -> staff.Serving:
    """Raises NotSignedIn and TooMany as signing in does, Refused when it was replaced before, Invalid."""
    proved = await sign_in.staff(login, given, now, context)
    if not proved.is_initial:
        raise Refused(
            "password_is_yours",
            "您已设置过自己的密码，请直接登录；如需更改，请登录后修改密码。",
            "You have chosen your password already; please sign in, and change it there if you wish.",
        )
    check_password(new, known_to_others=(proved.login, given))
    command = staff.ChangePassword(await passwords.hashed(new), now)
    store = sign_in.household.store
    done = await store.execute(STAFF.stream(proved.staff), STAFF, command, replace(context, key=None))
    assert isinstance(done.state, staff.Serving)
    return done.state
