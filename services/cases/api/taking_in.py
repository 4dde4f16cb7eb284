"""The counter and the hospital: handing in for those without a phone."""

from datetime import datetime

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from services.cases.api.answers import CaseShown, FormShown, show_form
from services.cases.api.bodies import Applicant, Form, FormForSomebody
from services.cases.api.serving import shown
from services.cases.applying import Applying
from services.cases.definitions import definitions
from services.cases.read_models.people import Person, find_by_number
from shared.contracts.errors import NotFound
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class FormWanted(Form):
    """Whose form, for the person at the counter."""

    applicant: Applicant


@post("/counter/form", status_code=200, tags=["counter"], summary="窗口取表单 / the form of the person at the counter")
async def counter_form(
    data: JSONBody[FormWanted],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> FormShown:
    """`form` is not looked at; it is what the one handing in will send."""
    person = await _applicant(pool, data.applicant)
    return show_form(*await Applying(store, pool, definitions()).form(person.person, data.definition, now))


@post("/counter/cases", tags=["counter"], summary="窗口、医院代为提交 / hand in for somebody without a phone")
async def hand_in_for(
    data: JSONBody[FormForSomebody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    """`intake`: written down while there was no network, and handed in now."""
    person = await _applicant(pool, data.applicant)
    done = await Applying(store, pool, definitions()).open(
        person.person, data.definition, data.form, now, context, channel=data.channel, by=caller.id
    )
    return await shown(store, done, now)


async def _applicant(pool: Pool, applicant: Applicant) -> Person:
    """Raises NotFound, the same whichever of the two does not fit."""
    person = await find_by_number(pool, applicant.id_number)
    if person is None or person.name != applicant.name:
        raise NotFound(
            "no_such_person",
            "姓名与公民身份号码不符或未登记，请核对身份证件后重试。",
            "Name and ID number do not belong to one registered person; please check the card and try again.",
        )
    return person


HANDLERS = (counter_form, hand_in_for)
