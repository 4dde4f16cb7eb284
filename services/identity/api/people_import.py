"""For registrars: entering up to 1,000 people at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from pydantic import BaseModel, ValidationError

from services.identity.api.people import NewPerson
from services.identity.domain import person
from services.identity.household import Household
from services.identity.people_lists import Line, from_csv, from_json
from shared.contracts.errors import ConcurrencyConflict, Refused
from shared.department.field_errors import FieldError
from shared.department.powers import Power
from shared.department.problems import kind_of
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import each
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.text import Language

AT_ONCE: Final = 50  # lines under way: enough to share commits


class Entered(BaseModel):
    line: int
    person: UUID
    event: UUID


class Rejected(BaseModel):
    """`errors` names the fields to correct, where fields they are."""

    line: int
    code: str
    detail: str
    errors: list[FieldError] = []


class Report(BaseModel):
    """The good lines are entered whatever the others are like. `line`: of the file, or in the JSON list from 1."""

    entered: list[Entered]
    rejected: list[Rejected]


@post("/people/import", status_code=200, tags=["household register"], summary="批量登记 / enter many people")
async def import_people(
    request: Request[Any, Any, Any],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    household: NamedDependency[Household],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> Report:
    """A JSON list of what `POST /people` takes, or CSV with the columns name, id_number, division and address.

    CSV may name them 姓名, 公民身份号码, 行政区划代码 and 住址, may have 户号, 户主 and 与户主关系 beside them, and may
    be in UTF-8 or GB 18030.
    The events' ids are in the body, for they may be too many for a header.
    """
    lines = read(await request.body(), request.headers.get("content-type", ""))
    seen: set[IdNumber] = set()

    async def enter(line: Line) -> Entered | Rejected:
        try:
            data = NewPerson.model_validate(line.values)
            power.serve(data.division)
            if data.id_number in seen:
                raise repeated_in_list()
            seen.add(data.id_number)
            step = context.step(f"line {line.number}")
            done = await household.enter(data.name, data.id_number, data.division, data.address, now, step, data.place)
        except (ValidationError, NotValid, Refused, ConcurrencyConflict) as error:
            kind, fields = kind_of(error, language)
            return Rejected(line=line.number, code=kind.code, detail=kind.detail.to(language), errors=fields)
        assert isinstance(done.state, person.Entered)
        return Entered(line=line.number, person=done.state.person, event=done.events[0].id)

    outcomes = await each(enter, lines, at_once=AT_ONCE)
    return Report(
        entered=[outcome for outcome in outcomes if isinstance(outcome, Entered)],
        rejected=[outcome for outcome in outcomes if isinstance(outcome, Rejected)],
    )


def read(body: bytes, content_type: str) -> Sequence[Line]:
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            return from_json(body)
        case "text/csv":
            return from_csv(body)
        case _:
            raise HTTPException(status_code=415)


def repeated_in_list() -> Refused:
    return Refused(
        "repeated_in_list",
        "该公民身份号码在清单中重复，只处理第一处。",
        "This ID number comes twice in the list; only the first line is gone by.",
    )


HANDLERS = (import_people,)
