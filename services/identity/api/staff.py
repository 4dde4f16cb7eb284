"""For administrators: who serves where."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from services.identity import passwords
from services.identity.api.fields import Name, Password, ServingDivision, place_name
from services.identity.authority import authorise, serve
from services.identity.domain.password import check_password
from services.identity.domain.staff import STAFF, AppointStaff, DismissStaff, NotAppointed, login_name, no_such_staff
from services.identity.household import Household
from services.identity.read_models import staff_directory
from services.identity.read_models.place import Place
from shared.contracts.identity import Role
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.divisions import WHOLE_COUNTRY


class Appointment(Body):
    name: Name
    login: Annotated[str, Field(max_length=40)]
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    division: ServingDivision
    password: Password  # to begin with


class Appointed(BaseModel):
    staff: UUID
    name: str
    login: str
    roles: list[Role]
    division: str
    division_name: str


class Dismissed(BaseModel):
    staff: UUID


class StaffRow(BaseModel):
    staff: UUID
    name: str
    login: str | None
    roles: list[Role]
    division: str
    division_name: str
    appointed_at: datetime
    dismissed_at: datetime | None


class StaffList(BaseModel):
    staff: list[StaffRow]
    next: str | None  # send as `after` for the next page


@post("/staff", tags=["staff"], summary="任命经办人员 / appoint a member of staff")
async def appoint(
    data: JSONBody[Appointment],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Appointed]:
    """By an administrator whose division the new one's lies within."""
    await authorise(store, caller, Role.administrator, data.division)
    login, password = login_name(data.login), data.password.get_secret_value()
    check_password(password, known_to_others=(login,))
    id = household.pseudonyms.staff(login)
    password_hash = await passwords.hashed(password)
    command = AppointStaff(id, data.name, login, data.roles, data.division, password_hash, now)
    done = await store.execute(STAFF.stream(id), STAFF, command, context)
    answer = Appointed(
        staff=id,
        name=data.name,
        login=login,
        roles=sorted(data.roles),
        division=data.division,
        division_name=place_name(data.division),
    )
    return stored(done, answer)


@post("/staff/{id:uuid}/dismiss", status_code=200, tags=["staff"], summary="免职 / dismiss a member of staff")
async def dismiss(
    id: FromPath[UUID],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Dismissed]:
    """By an administrator whose division his lies within. He cannot sign in again nor refresh his session."""
    await visible_staff(store, caller, id)
    done = await store.execute(STAFF.stream(id), STAFF, DismissStaff(caller.id, now), context)
    return stored(done, Dismissed(staff=id), 200)


@get("/staff", tags=["staff"], summary="经办人员名册 / who serves where")
async def leaf(
    caller: NamedDependency[Caller],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    division: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> StaffList:
    """Staff of a division and all within it, dismissed ones too; of the administrator's own when none is named."""
    place = division or caller.division or WHOLE_COUNTRY
    await authorise(store, caller, Role.administrator, place)
    start = Place.parse(after) if after else None
    rows = await staff_directory.page(pool, place, start, limit + 1)
    staff = [StaffRow(**asdict(row), division_name=place_name(row.division)) for row in rows[:limit]]
    more = len(rows) > limit
    return StaffList(staff=staff, next=str(Place(staff[-1].division, staff[-1].staff)) if more else None)


async def visible_staff(store: Store, caller: Caller, id: UUID) -> None:
    """Raises NotFound when nobody has the id, NotAllowed when his division is not within the administrator's."""
    await authorise(store, caller, Role.administrator)
    state = (await store.load(STAFF.stream(id), STAFF)).state
    if isinstance(state, NotAppointed):
        raise no_such_staff()
    serve(caller, Role.administrator, state.division)


HANDLERS = (appoint, dismiss, leaf)
