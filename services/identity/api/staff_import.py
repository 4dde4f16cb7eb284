"""For administrators: appointing up to 1,000 at once, such as the villages of a county."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from pydantic import BaseModel, Field, ValidationError

from services.identity.api.fields import Name
from services.identity.api.people_import import Rejected
from services.identity.api.staff import Position, administrator
from services.identity.people_lists import Line, from_json
from services.identity.use_cases.appoint_many import AppointMany
from services.identity.use_cases.appointments import Appointments, NewStaff
from shared.contracts.errors import ConcurrencyConflict, Refused
from shared.department.powers import Power
from shared.department.problems import kind_of
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import each
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.text import Language

AT_ONCE: Final = 50  # lines under way: enough to share commits


class StaffLine(Position):
    login: Annotated[str, Field(max_length=40)]
    name: Name
    id_number: IdNumber


class AppointedLine(BaseModel):
    """`initial_password` is told here and never again; null when they have chosen their own since."""

    line: int
    staff: UUID
    login: str
    initial_password: str | None
    event: UUID


class UnchangedLine(BaseModel):
    line: int
    staff: UUID
    login: str


class StaffReport(BaseModel):
    """The good lines are appointed whatever the others are like. `line`: in the list, from 1."""

    appointed: list[AppointedLine]
    unchanged: list[UnchangedLine]  # who serves so already
    rejected: list[Rejected]


@post("/staff/import", status_code=200, tags=["staff"], summary="批量任命 / appoint many members of staff")
async def import_staff(
    request: Request[Any, Any, Any],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    appointments: NamedDependency[Appointments],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> StaffReport:
    """A JSON list of login, name, id_number, roles, division and, for operators, department; each as `POST /staff`.

    Each gets a one-time password, to be changed at `POST /staff/first-password` before it opens anything.
    Repeated under its Idempotency-Key it is told the same again, passwords included.
    """
    many, by = AppointMany(appointments), administrator(power)
    seen: set[str] = set()

    def only_once(login: str) -> None:
        if login in seen:
            raise repeated_in_list()
        seen.add(login)

    async def appoint(line: Line) -> AppointedLine | UnchangedLine | Rejected:
        try:
            data = StaffLine.model_validate(line.values)
            power.serve(data.division)
            new = NewStaff(data.login, data.name, data.id_number, data.wanted)
            appointed = await many.appoint(by, new, now, context, only_once)
        except (ValidationError, NotValid, Refused, ConcurrencyConflict) as error:
            kind, fields = kind_of(error, language)
            return Rejected(line=line.number, code=kind.code, detail=kind.detail.to(language), errors=fields)
        login = data.login.strip().lower()
        if appointed is None:
            return UnchangedLine(line=line.number, staff=appointments.household.pseudonyms.staff(login), login=login)
        first = appointed.done.events[0]
        return AppointedLine(
            line=line.number,
            staff=UUID(first.subject_id),
            login=login,
            initial_password=appointed.initial_password,
            event=first.id,
        )

    outcomes = await each(appoint, from_json(await request.body()), at_once=AT_ONCE)
    return StaffReport(
        appointed=[outcome for outcome in outcomes if isinstance(outcome, AppointedLine)],
        unchanged=[outcome for outcome in outcomes if isinstance(outcome, UnchangedLine)],
        rejected=[outcome for outcome in outcomes if isinstance(outcome, Rejected)],
    )


def repeated_in_list() -> Refused:
    return Refused(
        "repeated_in_list",
        "该登录名在清单中重复，只处理第一处。",
        "This login comes twice in the list; only the first line is gone by.",
    )


HANDLERS = (import_staff,)
