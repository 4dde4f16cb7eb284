"""For administrators: who serves where."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from services.identity import passwords
from services.identity.api.fields import DepartmentName, Name, Password, ServingDivision, place_name
from services.identity.domain.password import check_password
from services.identity.domain.staff import Serving, State, login_name
from services.identity.read_models import staff_directory
from services.identity.read_models.place import Place
from services.identity.read_models.staff_directory import Row
from services.identity.use_cases import appointments as using
from services.identity.use_cases.appointments import Administrator, Appointments, NewStaff, Wanted
from shared.contracts.identity import Role
from shared.department.body import Body
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.standards.id_number import IdNumber


class Position(Body):
    """What somebody is to serve as. `department`: for an operator, and for nobody else."""

    roles: Annotated[frozenset[Role], Field(min_length=1)]
    division: ServingDivision
    department: DepartmentName | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.roles, self.division, self.department)


class Appointment(Position):
    """`id_number` tells the person apart under whatever login; it is not kept. Of a kiosk: who answers for it."""

    name: Name
    login: Annotated[str, Field(max_length=40)]
    id_number: IdNumber
    password: Annotated[
        Password, Field(description="一次性密码，本人须先改为自己的 One-time: they choose their own first")
    ]


class MovedTo(Position):
    """All of it told whole. `id_number`: where nobody named the person yet, or they have proved who they are since."""

    id_number: IdNumber | None = None


class Appointed(BaseModel):
    staff: UUID
    name: str
    login: str
    roles: list[Role]
    division: str
    division_name: str
    department: str | None
    is_verified: bool  # whether they have a verified account as a citizen

    @classmethod
    def of(cls, state: State) -> Self:
        assert isinstance(state, Serving)  # what a command left behind
        return cls(
            staff=state.staff,
            name=state.name,
            login=state.login,
            roles=sorted(state.roles),
            division=state.division,
            division_name=place_name(state.division),
            department=state.department,
            is_verified=state.person is not None,
        )


class Dismissed(BaseModel):
    staff: UUID


class StaffRow(BaseModel):
    """Of those whom the administrator could not appoint, name, roles and place only."""

    staff: UUID
    name: str
    roles: list[Role]
    division: str
    division_name: str
    login: str | None = None
    department: str | None = None
    appointed_at: datetime | None = None  # as what they serve as now
    dismissed_at: datetime | None = None

    @classmethod
    def of(cls, row: Row, *, whole: bool) -> Self:
        shown = cls(
            staff=row.staff,
            name=row.name,
            roles=sorted(row.roles),
            division=row.division,
            division_name=place_name(row.division),
        )
        if not whole:
            return shown
        more = {name: getattr(row, name) for name in ("login", "department", "appointed_at", "dismissed_at")}
        return shown.model_copy(update=more)


class StaffList(BaseModel):
    staff: list[StaffRow]
    next: str | None  # send as `after` for the next page


@post("/staff", tags=["staff"], summary="任命经办人员 / appoint a member of staff")
async def appoint(
    data: JSONBody[Appointment],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    appointments: NamedDependency[Appointments],
    now: NamedDependency[datetime],
) -> Response[Appointed]:
    """By an administrator of a level that may appoint to the roles, within their division; nobody appoints themselves.

    All posts of a person are decided together, under whatever logins: see `services/identity/appointing.yaml`. The
    password opens nothing but `POST /staff/first-password`, where they choose their own.
    """
    power.serve(data.division)
    login, password = login_name(data.login), data.password.get_secret_value()
    check_password(password, known_to_others=(login, data.id_number))
    by, new = administrator(power), NewStaff(login, data.name, data.id_number, data.wanted)
    await appointments.check(by, new, now, context)
    hashed = using.Password(await passwords.hashed(password), is_initial=True)
    done = await appointments.appoint(by, new, hashed, now, context)
    return stored(done, Appointed.of(done.state))


@post("/staff/{id:uuid}/move", status_code=200, tags=["staff"], summary="调整任职 / move a member of staff")
async def move(
    id: FromPath[UUID],
    data: JSONBody[MovedTo],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    appointments: NamedDependency[Appointments],
    now: NamedDependency[datetime],
) -> Response[Appointed]:
    """Other roles, another division or department, in one act, by whoever may appoint to the old and to the new ones.

    Login and password stay. Every department goes by the new post as soon as it hears of it.
    """
    done = await appointments.move(administrator(power), id, data.wanted, data.id_number, now, context)
    return stored(done, Appointed.of(done.state), 200)


@post("/staff/{id:uuid}/dismiss", status_code=200, tags=["staff"], summary="免职 / dismiss a member of staff")
async def dismiss(
    id: FromPath[UUID],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    appointments: NamedDependency[Appointments],
    now: NamedDependency[datetime],
) -> Response[Dismissed]:
    """By whoever may appoint to their roles, once and for all: to serve again they are given a new login."""
    done = await appointments.dismiss(administrator(power), id, now, context)
    return stored(done, Dismissed(staff=id), 200)


@get("/staff", tags=["staff"], summary="经办人员名册 / who serves where")
async def leaf(
    power: NamedDependency[Power],
    appointments: NamedDependency[Appointments],
    pool: NamedDependency[Pool],
    division: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> StaffList:
    """Staff of a division and all within it, dismissed ones too; of the administrator's own when none is named."""
    place = power.part(division or None)
    start = Place.parse(after) if after else None
    rows = await staff_directory.page(pool, place, start, limit + 1)
    rules = appointments.rules
    staff = [StaffRow.of(row, whole=rules.may_appoint(power.area, row.roles)) for row in rows[:limit]]
    more = len(rows) > limit
    return StaffList(staff=staff, next=str(Place(staff[-1].division, staff[-1].staff)) if more else None)


def administrator(power: Power) -> Administrator:
    return Administrator(power.caller.id, power.area)


HANDLERS = (appoint, move, dismiss, leaf)
