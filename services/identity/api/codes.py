"""For everybody: codes by phone."""

from datetime import datetime
from typing import Annotated

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field

from services.identity.code_purposes import PURPOSES
from shared.contracts.errors import Invalid
from shared.department.body import Body
from shared.department.codes import LIVES, Codes
from shared.standards.phone import MobileNumber
from shared.standards.text import Text


class CodeWanted(Body):
    phone: MobileNumber
    purpose: Annotated[str, Field(max_length=40, description="sign_up, sign_in", examples=["sign_up"])]


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
    purpose = PURPOSES.get(data.purpose)
    if purpose is None:
        raise Invalid(
            "wrong_purpose",
            "验证码用途应为 sign_up（注册）或 sign_in（登录）。",
            "The purpose of a code is sign_up or sign_in.",
            fields={"purpose": Text("应为 sign_up 或 sign_in。", "This is sign_up or sign_in.")},
        )
    await codes.ask(purpose, data.phone, now, client)
    return CodeOnItsWay(valid_for=int(LIVES.total_seconds()))


HANDLERS = (send_code,)
