"""A citizen proves who he is by the household register and opens an account."""

from dataclasses import dataclass
from datetime import datetime

from services.identity import passwords
from services.identity.domain import account
from services.identity.domain.account import ACCOUNT, RegisterCitizen
from services.identity.domain.password import check_password
from services.identity.sign_in import SignIn
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


@dataclass(frozen=True, slots=True)
class Claim:
    """Who someone says he is, and how he wants to sign in."""

    name: str
    id_number: IdNumber
    phone: MobileNumber
    password: str


async def register(sign_in: SignIn, claim: Claim, now: datetime, context: Context) -> Done[account.State]:
    """Raises NotInRegister, by the same work for every number; Refused when he has an account; TooMany; Invalid."""
    household = sign_in.household
    check_password(claim.password, known_to_others=(claim.id_number, claim.phone))
    attempts = household.pseudonyms.registration_attempts(claim.id_number)
    await sign_in.ensure_open(attempts, now)
    password_hash = await passwords.hashed(claim.password)
    id, entry = await household.find(claim.id_number)
    is_his = account.is_of_register(entry, claim.name, claim.id_number)
    await sign_in.record(attempts, is_his, now, context)
    command = RegisterCitizen(entry, claim.name, claim.id_number, claim.phone, password_hash, now)
    return await household.store.execute(ACCOUNT.stream(id), ACCOUNT, command, context)
