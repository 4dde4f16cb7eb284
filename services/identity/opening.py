"""Opening an account by phone. Name and ID number are only claimed: nothing of the register is looked at."""

from dataclasses import dataclass
from datetime import datetime

from services.identity import passwords
from services.identity.code_purposes import SIGN_UP
from services.identity.domain.password import check_password
from services.identity.phone_accounts import PhoneAccount
from services.identity.sign_in import SignIn
from services.identity.trying import OPENINGS_DAY
from shared.department.codes import code_wrong
from shared.standards.id_number import IdNumber
from shared.standards.person_name import person_name
from shared.standards.phone import MobileNumber


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom somebody claims to be, and how they want to sign in."""

    name: str
    id_number: IdNumber
    phone: MobileNumber
    password: str


async def open_account(
    sign_in: SignIn, claim: Claim, code: str, client: str, now: datetime, request: str | None
) -> PhoneAccount:
    """Raises Invalid for a field or a code that is not right, TooMany. The same whatever register and accounts hold.

    `request` names it, so that it finds its code good once more when its answer was lost.
    """
    person_name(claim.name)
    check_password(claim.password, known_to_others=(claim.id_number, claim.phone))
    async with sign_in.trying.trial(client, now) as trial:
        trial.ensure_client(now)
        trial.succeeded = await sign_in.codes.use(SIGN_UP, claim.phone, code, now, request)
    if not trial.succeeded:
        raise code_wrong()
    await sign_in.trying.once_more(OPENINGS_DAY, "", now)
    password_hash = await passwords.hashed(claim.password)
    return await sign_in.phone_accounts.open(claim.id_number, claim.phone, password_hash, now)
