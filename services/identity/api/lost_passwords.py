"""Whoever lost their password gets a one-time password: staff from an administrator, citizens by their phone.

A citizen's is sent to the phone that was proved, and shown to no officer. Whose phone is lost too opens an account with
another and has it verified at a counter.
"""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel

from services.identity.api.fields import place_name
from services.identity.api.people import visible_entry
from services.identity.api.staff import administrator
from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.counter_refusals import card_not_seen
from services.identity.domain.staff import STAFF
from services.identity.household import Household
from services.identity.lost_password import give_password
from services.identity.use_cases.appointments import Appointments
from services.identity.use_cases.officers import stand_aside
from shared.department.body import Body
from shared.department.message_gateway import Message, MessageGateway
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


class OneTimePassword(BaseModel):
    initial_password: str | None  # None: repeated under its key after an own one was chosen


class OwnerPresent(Body):
    """`card_seen`: the officer compared the ID card with the person."""

    card_seen: bool


class PasswordSent(BaseModel):
    sent_to: str | None  # the phone, masked; None: repeated under its key after an own one was chosen


@post("/staff/{id:uuid}/one-time-password", status_code=200, tags=["staff"], summary="重置密码 / a lost password")
async def give_to_staff(
    id: FromPath[UUID],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    appointments: NamedDependency[Appointments],
    now: NamedDependency[datetime],
) -> Response[OneTimePassword]:
    """By an administrator who could appoint them. Good for `POST /staff/first-password` alone."""
    by = administrator(power)
    await appointments.within_power(by, id)
    by_officer = await appointments.officer_of(by.staff)

    def command(password_hash: str) -> staff.GivePassword:
        return staff.GivePassword(by.staff, password_hash, now, by_officer)

    given = await give_password(household, STAFF.stream(id), STAFF, command, context)
    return stored(given.done, OneTimePassword(initial_password=given.initial_password), 200)


@post(
    "/people/{id:uuid}/one-time-password", status_code=200, tags=["citizens"], summary="窗口重置密码 / a lost password"
)
async def give_to_citizen(
    id: FromPath[UUID],
    data: JSONBody[OwnerPresent],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    gateway: NamedDependency[MessageGateway],
    now: NamedDependency[datetime],
) -> Response[PasswordSent]:
    """By a registrar of the division, who has the person before them. Good for `POST /first-password` alone.

    It is sent to the account's phone, with who made it. Nobody makes one for themselves.
    """
    if not data.card_seen:
        raise card_not_seen()
    entry = await visible_entry(household, power, id)
    await stand_aside(household, power.caller.id, entry.id_number, id)

    def command(password_hash: str) -> account.GivePassword:
        return account.GivePassword(password_hash, now)

    given = await give_password(household, ACCOUNT.stream(id), ACCOUNT, command, context)
    opened = given.done.state
    assert isinstance(opened, account.Opened)
    if given.initial_password is None:
        return stored(given.done, PasswordSent(sent_to=None), 200)
    text = _sent(given.initial_password, place_name(power.area))
    await gateway.send(Message(opened.phone, "one_time_password", text))
    return stored(given.done, PasswordSent(sent_to=opened.phone.masked), 200)


def _sent(password: str, place: str) -> str:
    return (
        f"【通办】{place}户籍窗口已重置您的账户密码，一次性密码：{password}。请用它设置新密码，原密码已失效。"
        "请勿告诉任何人，包括工作人员。如非本人到窗口办理，请立即到派出所查询。"
        f" The register's counter ({place}) has reset your password; this one-time password lets you choose a new one. "
        "Tell nobody, staff included. If this was not you, please ask at a police station at once."
    )


HANDLERS = (give_to_staff, give_to_citizen)
