"""For registrars: recording up to 1,000 marriages at once, as civil affairs hands them over."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from pydantic import BaseModel, ValidationError

from services.identity.api.marriages import Marriage, NewMarriage, couple_of
from services.identity.api.people_import import Rejected
from services.identity.marriages import Marriages
from services.identity.people_lists import Line, from_json
from shared.contracts.errors import ConcurrencyConflict, Refused
from shared.department.powers import Power
from shared.department.problems import kind_of
from shared.eventstore.aggregate import Context
from shared.eventstore.tasks import each
from shared.standards.errors import NotValid
from shared.standards.text import Language

AT_ONCE: Final = 50  # lines under way: enough to share commits


class RecordedLine(BaseModel):
    line: int
    marriage: UUID
    event: UUID


class MarriagesReport(BaseModel):
    """The good lines are recorded whatever the others are like. `line`: in the list, from 1."""

    recorded: list[RecordedLine]
    rejected: list[Rejected]


@post("/marriages/import", status_code=200, tags=["marriages"], summary="批量婚姻登记 / record many marriages")
async def import_marriages(
    request: Request[Any, Any, Any],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    marriages: NamedDependency[Marriages],
    language: NamedDependency[Language],
    now: NamedDependency[datetime],
) -> MarriagesReport:
    """A JSON list of what `POST /marriages` takes."""

    async def record(line: Line) -> RecordedLine | Rejected:
        try:
            data = NewMarriage.model_validate(line.values)
            couple = await couple_of(marriages, power, data)
            step = context.step(f"line {line.number}")
            done = await marriages.record(couple, data.licence, data.married_on, now, step)
        except (ValidationError, NotValid, Refused, ConcurrencyConflict) as error:
            kind, fields = kind_of(error, language)
            return Rejected(line=line.number, code=kind.code, detail=kind.detail.to(language), errors=fields)
        return RecordedLine(line=line.number, marriage=Marriage.of(done.state).marriage, event=done.events[0].id)

    outcomes = await each(record, from_json(await request.body()), at_once=AT_ONCE)
    return MarriagesReport(
        recorded=[outcome for outcome in outcomes if isinstance(outcome, RecordedLine)],
        rejected=[outcome for outcome in outcomes if isinstance(outcome, Rejected)],
    )


HANDLERS = (import_marriages,)
