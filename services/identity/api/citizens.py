"""For everybody: registering by one's real name."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel

from services.identity.api.fields import Name, Password
from services.identity.domain import account
from services.identity.registration import Claim, register
from services.identity.sign_in import SignIn
from shared.department.body import Body
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


class Registration(Body):
    name: Name
    id_number: IdNumber
    phone: MobileNumber
    password: Password


class Registered(BaseModel):
    citizen: UUID
    phone: str  # masked


@post("/citizens", tags=["citizens"], summary="实名注册 / register by one's real name")
async def register_citizen(
    data: JSONBody[Registration],
    sign_in: NamedDependency[SignIn],
    now: NamedDependency[datetime],
    open_context: NamedDependency[Context],
) -> Response[Registered]:
    """Name and ID number must be those of the household register; which of them is wrong is not told."""
    claim = Claim(data.name, data.id_number, data.phone, data.password.get_secret_value())
    done = await register(sign_in, claim, now, open_context)
    assert isinstance(done.state, account.Opened)
    return stored(done, Registered(citizen=done.state.citizen, phone=done.state.phone.masked))


HANDLERS = (register_citizen,)
