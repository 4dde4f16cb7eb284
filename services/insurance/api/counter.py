"""The counter: enrolment, lapse and return, classes, employment, personal accounts, filings. By clerks, within their
division."""

from datetime import datetime
from typing import Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from services.insurance.api.bodies import (
    ClassBody,
    Credit,
    EmploymentBody,
    Enrolment,
    FilingBody,
    Find,
    Lapse,
    Return,
    Transfer,
)
from services.insurance.api.insured_answers import InsuredFound, InsuredShown, show_found, show_insured
from services.insurance.counter import Counter
from services.insurance.directory import directory
from services.insurance.domain.enrolment import (
    CreditAccount,
    FileTreatmentAway,
    LapseInsurance,
    RecordEmployment,
    ReturnInsurance,
)
from services.insurance.domain.insured_state import Insured, State
from services.insurance.finding import Finding
from shared.contracts.identity import Role
from shared.department.counts import Limit
from shared.department.look_ups import DAY, LookUps
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.shanghai import day_in_shanghai


async def counter(store: NamedDependency[Store], pool: NamedDependency[Pool], power: NamedDependency[Power]) -> Counter:
    """The clerk's; what each handler here begins with."""
    return Counter(store, pool, power.caller, power.area)


ALL_FOUND_DAY: Final = Limit("insured found day", 1_000, DAY, bits=None)
NOBODY_FOUND_DAY: Final = Limit("nobody insured found day", 100, DAY, bits=None)  # patients may be uninsured


@post("/", tags=["counter"], summary="参保登记 / enrol a person")
async def enrol(
    data: JSONBody[Enrolment],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    done = await counter.enrol(
        data.id_number, data.insured_as, data.region, data.person_class, data.insured_from, now, context
    )
    return _told(done, now, status=201)


@post(
    "/find",
    status_code=200,
    tags=["counter", "window"],
    summary="查询参保人 / find an insured person by ID number, wherever insured",
)
async def find(
    data: JSONBody[Find],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    power: NamedDependency[Power],
    now: NamedDependency[datetime],
) -> InsuredShown | InsuredFound:
    """All about those of a clerk's own place; to others, and to windows, whether and where.

    A question, though a POST: an ID number does not belong in an address.
    """
    today = day_in_shanghai(now)
    finding = Finding(store, pool, directory(), power.area)
    async with LookUps(pool, ALL_FOUND_DAY, NOBODY_FOUND_DAY).one(power.caller.id, now):
        if Role.insurance_clerk not in power.roles:
            return show_found(await finding.by_window(data.id_number, today))
        known = await finding.by_clerk(data.id_number, today)
    return show_insured(known, today) if isinstance(known, Insured) else show_found(known)


@get("/{person:uuid}", tags=["counter"], summary="参保信息 / an insured person")
async def show(
    person: FromPath[UUID],
    counter: NamedDependency[Counter],
    now: NamedDependency[datetime],
) -> InsuredShown:
    return show_insured(await counter.insured(person), day_in_shanghai(now))


@post("/{person:uuid}/lapse", status_code=200, tags=["counter"], summary="停保 / end the insurance")
async def lapse(
    person: FromPath[UUID],
    data: JSONBody[Lapse],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    command = LapseInsurance(data.lapsed_from, data.reason, counter.clerk, now)
    return _told(await counter.record(person, command, context), now)


@post("/{person:uuid}/return", status_code=200, tags=["counter"], summary="续保 / insured again")
async def come_back(
    person: FromPath[UUID],
    data: JSONBody[Return],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    command = ReturnInsurance(data.insured_from, counter.clerk, now)
    return _told(await counter.record(person, command, context), now)


@post(
    "/{person:uuid}/transfer",
    status_code=200,
    tags=["counter"],
    summary="转移接续 / insured in another place from a day on, without a gap",
)
async def transfer(
    person: FromPath[UUID],
    data: JSONBody[Transfer],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    """By a clerk of the new place."""
    done = await counter.transfer(person, data.region, data.person_class, data.insured_from, now, context)
    return _told(done, now)


@post(
    "/{person:uuid}/class",
    status_code=200,
    tags=["counter"],
    summary="认定人员类别 / one of the poor classes, or ordinary",
)
async def assign_class(
    person: FromPath[UUID],
    data: JSONBody[ClassBody],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    done = await counter.assign_class(person, data.person_class, data.valid_from, now, context)
    return _told(done, now)


@post(
    "/{person:uuid}/employment",
    status_code=200,
    tags=["counter"],
    summary="登记用人单位 / employer and its average wage",
)
async def employ(
    person: FromPath[UUID],
    data: JSONBody[EmploymentBody],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    command = RecordEmployment(
        data.employer, data.employer_name, data.year, data.average_wage, directory(), counter.clerk, now
    )
    return _told(await counter.record(person, command, context), now)


@post(
    "/{person:uuid}/credits",
    status_code=200,
    tags=["counter"],
    summary="划入个人账户 / a month's contribution to the personal account",
)
async def credit(
    person: FromPath[UUID],
    data: JSONBody[Credit],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    command = CreditAccount(data.month, data.amount, counter.clerk, now)
    return _told(await counter.record(person, command, context), now)


@post(
    "/{person:uuid}/filings",
    status_code=200,
    tags=["counter"],
    summary="异地就医备案、转诊 / file treatment away from home",
)
async def file_away(
    person: FromPath[UUID],
    data: JSONBody[FilingBody],
    counter: NamedDependency[Counter],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[InsuredShown]:
    command = FileTreatmentAway(
        context.id_for("filing"), data.kind, data.area, data.valid_from, data.valid_to, counter.clerk, now
    )
    return _told(await counter.record(person, command, context), now)


def _told(done: Done[State], now: datetime, status: int = 200) -> Response[InsuredShown]:
    assert isinstance(done.state, Insured)
    return stored(done, show_insured(done.state, day_in_shanghai(now)), status=status)


ROUTES = Router(
    "/insured",
    dependencies={"counter": Provide(counter)},
    route_handlers=[enrol, find, show, lapse, come_back, transfer, assign_class, employ, credit, file_away],
)
