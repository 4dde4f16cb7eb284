"""The counter and the hospital: handing in for those who are present, and what they declare there."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from services.cases.api.answers import Cases, CaseShown, FormShown, list_case, show_form
from services.cases.api.bodies import (
    Applicant,
    CorrectionAtCounter,
    Form,
    FormForSomebody,
    PersonPresent,
    WithdrawalAtCounter,
)
from services.cases.api.serving import shown
from services.cases.applying import Applying
from services.cases.definitions import definitions
from services.cases.domain import refusals
from services.cases.domain.case import CASE, Command
from services.cases.domain.case_state import NotOpened
from services.cases.domain.consent import GiveConsent, Seen
from services.cases.domain.counter import Counter
from services.cases.domain.supplement import Supplement
from services.cases.read_models.cases import waiting_for
from services.cases.read_models.people import Person, find_by_number
from services.cases.use_cases.comparing import Comparing
from services.cases.use_cases.withdrawing import withdrawal
from shared.contracts.identity import Role
from shared.department.look_ups import LookUps
from shared.department.powers import Power
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.person_name import is_same_name

MOST_AWAITING = 20
"""Cases that a counter is shown for one person."""

WayChosen = Annotated[str | None, QueryParameter(max_length=40, description="one of the definition's ways")]


class FormWanted(Form):
    """The form for the person at the counter. `card_seen`: the clerk compared the ID card with the person."""

    applicant: Applicant
    card_seen: bool


@post("/counter/form", status_code=200, tags=["counter"], summary="窗口取表单 / the form of the person at the counter")
async def counter_form(
    data: JSONBody[FormWanted],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
    way: WayChosen = None,
) -> FormShown:
    """`form` is not looked at; it is what the one handing in will send. What is masked may be left out."""
    person = await _present(pool, power, data.applicant, now, card_seen=data.card_seen)
    applying = Applying(store, pool, definitions())
    return show_form(*await applying.form_at(_counter(power), person.person, data.definition, now, way))


@post("/counter/cases", tags=["counter"], summary="窗口、医院代为提交 / hand in for somebody without a phone")
async def hand_in_for(
    data: JSONBody[FormForSomebody],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    """The answer is masked as the form was. `channel` follows from the role, unless it was written down before. Others
    who are present, too, agree by that.
    """
    person = await _present(pool, power, data.applicant, now, card_seen=data.card_seen)
    others = [await _present(pool, power, one, now, card_seen=data.card_seen) for one in data.also_present]
    done = await Applying(store, pool, definitions()).open(
        person.person,
        data.definition,
        data.form,
        now,
        context,
        counter=_counter(power, data.channel),
        present=tuple(one.person for one in others),
    )
    return await shown(store, done, now, at_counter=True)


@post(
    "/counter/awaiting",
    status_code=200,
    tags=["counter"],
    summary="待到场人同意的件 / cases that wait for the person at the counter",
)
async def awaiting(
    data: JSONBody[PersonPresent],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> Cases:
    person = await _present(pool, power, data.person, now, card_seen=data.card_seen)
    rows = await waiting_for(pool, person.person, MOST_AWAITING)
    return Cases(cases=[list_case(row) for row in rows], next=None)


@post(
    "/counter/cases/{case:uuid}/consent",
    status_code=200,
    tags=["counter"],
    summary="到场同意 / agree at the counter, in person",
)
async def consent_at_counter(
    case: FromPath[UUID],
    data: JSONBody[PersonPresent],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    person = (await _present(pool, power, data.person, now, card_seen=data.card_seen)).person
    await _stand_aside(store, power, case)
    wrong = await Comparing(store, pool, definitions()).before(case, now, context, agreeing=person)
    return await _execute(store, case, GiveConsent(person, now, _seen(power), wrong), context, now)


@post(
    "/counter/cases/{case:uuid}/supplement",
    status_code=200,
    tags=["counter"],
    summary="到场补正 / correct at the counter, in person",
)
async def supplement_at_counter(
    case: FromPath[UUID],
    data: JSONBody[CorrectionAtCounter],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    person = (await _present(pool, power, data.person, now, card_seen=data.card_seen)).person
    await _stand_aside(store, power, case)
    by_form = await Comparing(store, pool, definitions()).before_correction(case, now, context)
    command = Supplement(person, data.text, now, data.form, by_form, power.caller.id)
    return await _execute(store, case, command, context, now)


@post(
    "/counter/cases/{case:uuid}/withdraw",
    status_code=200,
    tags=["counter"],
    summary="到场撤回 / withdraw at the counter, in person",
)
async def withdraw_at_counter(
    case: FromPath[UUID],
    data: JSONBody[WithdrawalAtCounter],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[CaseShown]:
    person = (await _present(pool, power, data.person, now, card_seen=data.card_seen)).person
    await _stand_aside(store, power, case)
    command = await withdrawal(store, definitions(), case, person, data.because, now, _seen(power))
    return await _execute(store, case, command, context, now)


async def _present(pool: Pool, power: Power, named: Applicant, now: datetime, *, card_seen: bool) -> Person:
    """Raises Invalid, TooMany, NotFound and Refused: the same whichever of name and number does not fit; a matter of
    the officer's own.
    """
    if not card_seen:
        raise refusals.card_not_seen()
    async with LookUps(pool).one(power.caller.id, now):
        person = await find_by_number(pool, named.id_number)
        if person is None or not is_same_name(person.name, named.name):
            raise refusals.no_such_person()
    power.caller.stand_aside(person.person)
    return person


async def _stand_aside(store: Store, power: Power, case: UUID) -> None:
    """Raises Refused when the case is a matter of the officer's own."""
    state = (await store.stand(CASE.stream(case), CASE)).state
    if not isinstance(state, NotOpened):
        power.caller.stand_aside(*state.of.concerned, *state.of.as_opened.persons.values())


async def _execute(store: Store, case: UUID, command: Command, context: Context, now: datetime) -> Response[CaseShown]:
    done = await store.execute(CASE.stream(case), CASE, command, context)
    return await shown(store, done, now, 200, at_counter=True)


def _counter(power: Power, channel: Literal["intake"] | None = None) -> Counter:
    """Staff with both roles count as the bureau's counter."""
    is_of_hospital = Role.window not in power.roles
    return Counter(power.caller.id, power.area, channel or ("hospital" if is_of_hospital else "window"), is_of_hospital)


def _seen(power: Power) -> Seen:
    return Seen(power.caller.id, power.area)


HANDLERS = (
    counter_form,
    hand_in_for,
    awaiting,
    consent_at_counter,
    supplement_at_counter,
    withdraw_at_counter,
)
