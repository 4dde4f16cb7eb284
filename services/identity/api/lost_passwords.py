"""Whoever lost their password gets a one-time password: from an administrator, or at a window of the register."""

from datetime import datetime
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import BaseModel

from services.identity.api.people import visible_entry
from services.identity.api.staff import administrator
from services.identity.domain import account, staff
from services.identity.domain.account import ACCOUNT
from services.identity.domain.staff import STAFF
from services.identity.household import Household
from services.identity.lost_password import give_password
from services.identity.use_cases.appointments import Appointments
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context


class OneTimePassword(BaseModel):
    initial_password: str | None  # None: repeated under its key after an own one was chosen


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
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    now: NamedDependency[datetime],
) -> Response[OneTimePassword]:
    """By a registrar of the division, who has the person before them. Good for `POST /first-password` alone."""
    await visible_entry(household, power, id)

    def command(password_hash: str) -> account.GivePassword:
        return account.GivePassword(password_hash, now)

    given = await give_password(household, ACCOUNT.stream(id), ACCOUNT, command, context)
    return stored(given.done, OneTimePassword(initial_password=given.initial_password), 200)


HANDLERS = (give_to_staff, give_to_citizen)
