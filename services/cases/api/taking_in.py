"""The counter and the hospital: handing in for those who are present."""

from datetime import datetime
from typing import Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from services.cases.api.answers import CaseShown, FormShown, show_form
from services.cases.api.bodies import Applicant, Form, FormForSomebody
from services.cases.api.serving import shown
from services.cases.applying import Applying
from services.cases.definitions import definitions
from services.cases.domain import refusals
from services.cases.domain.counter import Counter
from services.cases.read_models.people import Person, find_by_number
from shared.contracts.identity import Role
from shared.department.look_ups import LookUps
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


class FormWanted(Form):
    """Whose form, for the person at the counter. `card_seen`: the clerk compared the ID card with the person."""

    applicant: Applicant
    card_seen: bool


@post("/counter/form", status_code=200, tags=["counter"], summary="窗口取表单 / the form of the person at the counter")
async def counter_form(
    data: JSONBody[FormWanted],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> FormShown:
    """`form` is not looked at; it is what the one handing in will send. What is masked may be left out."""
    person = await _present(pool, power, data, now)
    applying = Applying(store, pool, definitions())
    return show_form(*await applying.form_at(_counter(power), person.person, data.definition, now))


@post("/counter/cases", tags=["counter"], summary="窗口、医院代为提交 / hand in for somebody without a phone")
async def hand_in_for(
    data: JSONBody[FormForSomebody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    """The answer is masked as the form was. `channel` follows from the role, unless it was written down before."""
    person = await _present(pool, power, data, now)
    done = await Applying(store, pool, definitions()).open(
        person.person, data.definition, data.form, now, context, counter=_counter(power, data.channel)
    )
    return await shown(store, done, now, at_counter=True)


async def _present(pool: Pool, power: Power, data: FormWanted | FormForSomebody, now: datetime) -> Person:
    """Raises Invalid, TooMany and NotFound: the same whichever of name and number does not fit."""
    if not data.card_seen:
        raise refusals.card_not_seen()
    async with LookUps(pool).one(power.caller.id, now):
        person = await find_by_number(pool, data.applicant.id_number)
        if person is None or person.name != data.applicant.name:
            raise refusals.no_such_person()
    return person


def _counter(power: Power, channel: Literal["intake"] | None = None) -> Counter:
    """Who holds both roles sits at the bureau's counter."""
    is_of_hospital = Role.window not in power.roles
    return Counter(power.caller.id, power.area, channel or ("hospital" if is_of_hospital else "window"), is_of_hospital)


HANDLERS = (counter_form, hand_in_for)
