"""For everybody: codes by phone."""

from datetime import datetime
from typing import Literal

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel

from services.identity.code_purposes import PURPOSES
from shared.department.body import Body
from shared.department.codes import LIVES, Codes
from shared.standards.phone import MobileNumber


class CodeWanted(Body):
    phone: MobileNumber
    purpose: Literal["sign_up", "sign_in"]


class CodeOnItsWay(BaseModel):
    valid_for: int  # seconds


@post("/codes", status_code=202, tags=["sign-in"], summary="获取手机验证码 / have a code sent to a phone")
async def send_code(
    data: JSONBody[CodeWanted],
    codes: NamedDependency[Codes],
    client: NamedDependency[str],
    now: NamedDependency[datetime],
) -> CodeOnItsWay:
    """The answer is the same whatever is known of the phone. One a minute, 5 an hour and 10 a day are sent to a phone.

    A client that asks too often is told to wait (429).
    """
    await codes.ask(PURPOSES[data.purpose], data.phone, now, client)
    return CodeOnItsWay(valid_for=int(LIVES.total_seconds()))


HANDLERS = (send_code,)
