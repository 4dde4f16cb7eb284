"""For whoever is signed in: who am I, and my password."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel

from services.identity.api.fields import Password, place_name
from services.identity.api.proofs import ProofShown, proof_shown
from services.identity.domain.account import Opened
from services.identity.domain.session import session_over
from services.identity.domain.staff import Serving
from services.identity.holders import holder
from services.identity.household import Household
from services.identity.password_change import change_password
from services.identity.phone_accounts import PhoneAccounts
from services.identity.sign_in import SignIn
from shared.contracts.identity import Role
from shared.department.answer import Answer
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Store


class NextStep(Answer):
    code: str
    zh: str
    en: str


class PhoneHolder(BaseModel):
    """Somebody who proved a phone and not yet who they are."""

    kind: Literal["citizen"] = "citizen"
    level: Literal["account"] = "account"
    account: UUID
    phone: str  # masked
    ends_at: datetime
    next: tuple[NextStep, ...]


class Citizen(BaseModel):
    kind: Literal["citizen"] = "citizen"
    level: Literal["verified"] = "verified"
    citizen: UUID
    name: str
    id_number: str  # masked
    phone: str  # masked
    division: str
    division_name: str  # in full, from the province down
    address: str
    proof: ProofShown | None  # what the account rests on; null: from before it was kept


class Staff(BaseModel):
    kind: Literal["staff"] = "staff"
    staff: UUID
    name: str
    roles: list[Role]
    division: str
    division_name: str
    department: str | None  # whose operations an operator runs


NEXT = (
    NextStep(
        code="online",
        zh="在线核验身份（身份证和人脸，或网络身份认证）后，即可办理业务。",
        en="Prove who you are on line, by ID card and face or electronic identity; then everything is open to you.",
    ),
    NextStep(
        code="counter",
        zh="或持身份证到任一派出所或综合窗口核验。",
        en="Or bring your ID card to any police station or service counter.",
    ),
)


class NewPassword(Body):
    current: Password
    new: Password


class PasswordChanged(BaseModel):
    set_at: datetime


@get("/me", tags=["me"], summary="我的信息 / who am I")
async def me(
    caller: NamedDependency[Caller],
    store: NamedDependency[Store],
    household: NamedDependency[Household],
    phone_accounts: NamedDependency[PhoneAccounts],
    now: NamedDependency[datetime],
) -> Citizen | PhoneHolder | Staff:
    """A citizen's entry in the household register, or the appointment of a member of staff.

    Of an account that proved a phone only: its level, and what to do next.
    """
    if caller.kind == "citizen" and caller.level == "account":
        account = await phone_accounts.find(caller.id, now)
        if account is None:
            raise session_over()
        return PhoneHolder(account=account.id, phone=account.phone.masked, ends_at=account.ends_at, next=NEXT)
    match await holder(store, caller.kind, caller.id):
        case Serving() as serving:
            return Staff(
                staff=serving.staff,
                name=serving.name,
                roles=sorted(serving.roles),
                division=serving.division,
                division_name=place_name(serving.division),
                department=serving.department,
            )
        case Opened() as opened:
            entry = await household.entry(opened.citizen)
            return Citizen(
                citizen=entry.person,
                name=entry.name,
                id_number=entry.id_number.masked,
                phone=opened.phone.masked,
                division=entry.division,
                division_name=place_name(entry.division),
                address=entry.address,
                proof=proof_shown(opened),
            )
        case None:
            raise session_over()


@post("/me/password", status_code=200, tags=["me"], summary="修改密码 / change my password")
async def change_my_password(
    data: JSONBody[NewPassword],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    sign_in: NamedDependency[SignIn],
    now: NamedDependency[datetime],
) -> Response[PasswordChanged]:
    """The current password is asked for once more. No session that began before can be refreshed."""
    current, new = data.current.get_secret_value(), data.new.get_secret_value()
    done = await change_password(sign_in, caller, current, new, now, context)
    return stored(done, PasswordChanged(set_at=now), 200)


HANDLERS = (me, change_my_password)
