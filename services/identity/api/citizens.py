"""For everybody: opening an account by phone."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel

from services.identity.api.fields import Code, Name, Password
from services.identity.opening import Claim, open_account
from services.identity.sign_in import SignIn
from shared.department.body import Body
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


class Registration(Body):
    name: Name
    id_number: IdNumber
    phone: MobileNumber
    code: Code
    password: Password


class Registered(BaseModel):
    account: UUID
    level: Literal["account"] = "account"
    phone: str  # masked
    ends_at: datetime  # unless its holder proves who they are


@post("/citizens", tags=["citizens"], summary="注册账户 / open an account by phone")
async def register_citizen(
    data: JSONBody[Registration],
    sign_in: NamedDependency[SignIn],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> Registered:
    """By a code (`POST /codes`, purpose sign_up). Name and ID number are claimed, and compared with nothing.

    What binds a person needs a proof of identity: `POST /me/verification/challenge`, or a counter with the ID card.
    """
    claim = Claim(data.name, data.id_number, data.phone, data.password.get_secret_value())
    opened = await open_account(sign_in, claim, data.code, client, now, open_context.metadata.request)
    return Registered(account=opened.id, phone=opened.phone.masked, ends_at=opened.ends_at)


HANDLERS = (register_citizen,)
