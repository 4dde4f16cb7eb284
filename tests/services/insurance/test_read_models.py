"""Events in, rows out, on PostgreSQL: in any batches, streams interleaved, and rebuilt."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from random import Random
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from deploy.embedded.department_database import DepartmentDatabase
from services.insurance.case_items import ITEM_DESK
from services.insurance.directory import directory
from services.insurance.domain.allowances import ConfirmAllowance, NoteAllowancePaid, allowance_of
from services.insurance.domain.annulment import NoteBirth, StrikeBirth
from services.insurance.domain.clearing import BOOK, CLEARING
from services.insurance.domain.events import Side
from services.insurance.domain.held import ConfirmOnHeld, Decision, ProposeOnHeld
from services.insurance.domain.insured import INSURED, Command
from services.insurance.domain.insured_state import settlement_of
from services.insurance.domain.maternity import Birth
from services.insurance.domain.officer import Officer
from services.insurance.domain.payment import PAYMENT, Accepted, NoteOutcome, Pay, Settled
from services.insurance.domain.repayment import ConfirmOnRepayment, ProposeOnRepayment
from services.insurance.erasing import ERASURE
from services.insurance.policies import policies
from services.insurance.read_models.people import find_by_number
from services.insurance.service import SERVICE
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import (
    BirthRecorded,
    EntryAnnulled,
    PersonCorrected,
    PersonRegistered,
    Role,
    StaffAppointed,
    StaffDismissed,
)
from shared.contracts.insurance import ClaimSettled, ClearingMonthClosed, ClearingStatement, RegionBalance
from shared.department.engine import Engine
from shared.department.staff import find_appointment
from shared.eventstore.differences import differences
from shared.standards.id_number import IdNumber
from tests.department import Department, running
from tests.mandates import lives_of_mandates
from tests.read_models import apply, content, insert, require_batches_do_not_matter
from tests.services.certificates.histories import recorded
from tests.services.insurance.banks import CLOSED
from tests.services.insurance.examples import (
    AT_HOME,
    CHILD,
    CLERK,
    GUILIN,
    IN_GUILIN,
    MOTHER,
    MOTHERS_NUMBER,
    NOW,
    OTHER_CLERK,
    REGIONAL,
    WINDOW,
    WORKER,
    claim,
    credit,
    employ,
    enrol,
    history,
    insured_after,
    item,
    reverse,
    settle,
)

TESTED_ELSEWHERE = (ITEM_DESK, ERASURE.read_model)
MODELS = tuple(model for model in SERVICE.read_models if model not in TESTED_ELSEWHERE)


@pytest.fixture
async def department(database: DepartmentDatabase) -> AsyncIterator[Department]:
    """Without its duties: what these tests write is not to be acted upon."""
    async with running(replace(SERVICE, on_start=()), database) as without_duties:
        yield without_duties


def registered(person: UUID, name: str, id_number: IdNumber) -> PersonRegistered:
    return PersonRegistered(
        person=person,
        name=name,
        id_number=id_number,
        division="450821105202",
        address="同新街9号",
        registered_on=date(2020, 1, 1),
    )


CORRECTED = PersonCorrected(person=MOTHER, name="韦更正", id_number=MOTHERS_NUMBER, reason="错字", corrected_at=NOW)
APPOINTED = StaffAppointed(
    staff=WINDOW,
    name="窗小敏",
    roles=frozenset({Role.hospital_window}),
    division=REGIONAL.division,
    appointed_at=NOW,
)


def year(random: Random, person: UUID) -> list[Event]:
    """Some stays, some of them undone."""
    events = history(enrol(person=person))
    for number in range(random.randrange(1, 5)):
        day = date(2023, 7, 5) + timedelta(days=number)
        amount = item(f"{Decimal(random.randrange(1, 10**7)) / 100:.2f}")
        of = claim(f"{person}-{number}", admitted=day, discharged=day, items=[amount])
        command: Command = settle(of, random.choice([REGIONAL, AT_HOME]))
        events += INSURED.decide(insured_after(events), command)
        latest = events[-1]
        assert isinstance(latest, ClaimSettled)
        if random.random() < 0.4:
            events += INSURED.decide(insured_after(events), reverse(latest.settlement, latest.hospital))
    return events


def birth(ending: int) -> Iterator[tuple[str, list[Event]]]:
    """An employed mother's: prepared, confirmed, paid or withdrawn."""
    person = uuid7()
    of = claim(f"birth-{person}", birth=Birth())
    settlement = settlement_of(IN_GUILIN.code, of.bill_number)
    allowance = allowance_of(settlement)
    endings: list[list[Command]] = [
        [],
        [ConfirmAllowance(allowance, directory(), NOW)],
        [
            ConfirmAllowance(allowance, directory(), NOW),
            NoteAllowancePaid(allowance, "ledger-1", NOW + timedelta(seconds=1)),
        ],
        [reverse(settlement, IN_GUILIN.code)],
    ]
    as_worker = replace(enrol(WORKER), person=person)
    yield (
        INSURED.stream(person),
        history(as_worker, employ(), credit(), settle(of, IN_GUILIN), *endings[ending]),
    )
    if ending == 2:
        yield PAYMENT.stream(allowance), payment(allowance)


def held(ending: int) -> list[Event]:
    """A bill that came twice: released, refused, taken back, or waiting."""
    person = uuid7()
    second = claim(f"held-{person}")
    id = settlement_of(REGIONAL.code, second.bill_number)
    decision: Decision = "release" if ending == 0 else "refuse"
    proposed = ProposeOnHeld(
        id, decision, "病历一致", "As recorded", REGIONAL, directory(), Officer(CLERK), NOW + timedelta(seconds=1)
    )
    confirmed = ConfirmOnHeld(
        id, decision, REGIONAL, policies(), directory(), Officer(OTHER_CLERK), NOW + timedelta(seconds=2)
    )
    endings: list[list[Command]] = [[proposed, confirmed], [proposed, confirmed], [reverse(id)], [proposed]]
    return history(enrol(person=person), settle(claim(f"first-{person}")), settle(second), *endings[ending])


def annulled(person: UUID) -> list[Event]:
    """A mother's, whose child's entry was annulled after the allowance was paid: it is paid back, the bill is not."""
    of = claim(f"birth-{person}", birth=Birth())
    allowance = allowance_of(settlement_of(IN_GUILIN.code, of.bill_number))
    events = history(
        replace(enrol(WORKER), person=person),
        employ(),
        NoteBirth(person, CHILD, BORN_ON, NOW),
        settle(of, IN_GUILIN),
        ConfirmAllowance(allowance, directory(), NOW),
        NoteAllowancePaid(allowance, "ledger-1", NOW),
        StrikeBirth(person, CHILD, BORN_ON, directory(), NOW),
    )
    orders = list(insured_after(events).repayments)
    for command in (
        ProposeOnRepayment(orders[0], "dropped", "医院确有救治", Officer(CLERK), NOW),
        ConfirmOnRepayment(orders[0], "dropped", Officer(OTHER_CLERK), NOW),
        ProposeOnRepayment(orders[1], "repaid", "回单1", Officer(CLERK), NOW),
        ConfirmOnRepayment(orders[1], "repaid", Officer(OTHER_CLERK), NOW),
    ):
        events += INSURED.decide(insured_after(events), command)
    return events


def payment(allowance: UUID) -> list[Event]:
    """Rejected once, paid from another attempt."""
    order = Pay(
        order=allowance,
        attempt=1,
        kind="allowance",
        payer=Side(account=f"maternity_benefits:{GUILIN}", region=GUILIN),
        payee=str(WORKER),
        payee_account=f"social-security-card:{WORKER}",
        receiver=None,
        amount=Decimal("18946.67"),
        purpose="生育津贴",
        now=NOW,
    )
    said = (NoteOutcome(1, Accepted("B1"), NOW), NoteOutcome(1, CLOSED, NOW), replace(order, attempt=2))
    events: list[Event] = []
    for command in (order, *said, NoteOutcome(2, Settled("R2"), NOW)):
        events += PAYMENT.decide(reduce(PAYMENT.evolve, events, PAYMENT.initial), command)
    return events


BORN_ON = date(2023, 7, 1)
ANNULLED = EntryAnnulled(
    person=CHILD, reason="重复登记", basis="公安决定", proposed_by=CLERK, annulled_by=OTHER_CLERK, annulled_at=NOW
)


def born(mother: UUID) -> BirthRecorded:
    return BirthRecorded(
        person=CHILD,
        mother=mother,
        father=None,
        born_on=BORN_ON,
        order="first",
        birth_certificate="1.2.156.3005.2.1",
        division="450302000000",
        case=None,
        recorded_at=NOW,
    )


def closed_month() -> ClearingMonthClosed:
    amount = Decimal("16545.33")
    statement = ClearingStatement(owed_by=GUILIN, owed_to=REGIONAL.region, settlements=1, amount=amount)
    balance = (RegionBalance(region=GUILIN, amount=-amount), RegionBalance(region=REGIONAL.region, amount=amount))
    return ClearingMonthClosed(
        month="2023-07", statements=(statement,), balances=balance, closed_by=WINDOW, closed_at=NOW
    )


def lives(random: Random, engine: Engine) -> list[list[Recorded]]:
    registry = engine.registry
    streams = [
        recorded(registry, INSURED.stream(person), year(random, person)) for person in (uuid7() for _ in range(12))
    ]
    for ending in range(4):
        streams += [recorded(registry, stream, events) for stream, events in birth(ending)]
    for ending in range(4):
        events = held(ending)
        streams.append(recorded(registry, INSURED.stream(events[0].person), events))  # type: ignore[attr-defined]
    mother = uuid7()
    streams.append(recorded(registry, INSURED.stream(mother), annulled(mother)))
    streams.append(recorded(registry, f"person-{CHILD}", [born(mother), ANNULLED]))
    streams.append(recorded(registry, CLEARING.stream(BOOK), [closed_month()]))
    own = closed_month().model_copy(update={"region": GUILIN, "month": "2023-08"})
    streams.append(recorded(registry, CLEARING.stream(GUILIN), [own]))
    streams.append(recorded(registry, f"person-{MOTHER}", [registered(MOTHER, "韦样例", MOTHERS_NUMBER), CORRECTED]))
    streams.append(recorded(registry, f"staff-{WINDOW}", [APPOINTED, StaffDismissed(staff=WINDOW, dismissed_at=NOW)]))
    mandates = lives_of_mandates(MOTHER, WINDOW, NOW)
    return streams + [recorded(registry, stream, events) for stream, events in mandates.items()]


@pytest.mark.parametrize("seed", range(3))
async def test_batches_and_interleaving_make_no_difference(department: Department, seed: int) -> None:
    engine, random = department.engine, Random(seed)
    await require_batches_do_not_matter(engine, MODELS, lives(random, engine), random)


async def test_a_rebuilt_read_model_holds_what_the_living_one_held(
    department: Department, database: DepartmentDatabase
) -> None:
    engine, random = department.engine, Random(7)
    for stream in lives(random, engine):
        if stream[0].type.startswith("identity."):
            await department.give(stream[0].stream, *(event.data for event in stream))
            continue
        await insert(engine, stream)
        await apply(engine, MODELS, stream)
    assert all((await content(engine, MODELS)).values())
    for model in MODELS:
        assert await differences(database.app_url, model, engine.registry) == []


async def test_people_and_staff_are_as_they_were_last_told(department: Department) -> None:
    pool = department.engine.pool
    assert await find_by_number(pool, MOTHERS_NUMBER) is None
    assert await find_appointment(pool, WINDOW) is None
    await department.give(f"person-{MOTHER}", registered(MOTHER, "韦样例", MOTHERS_NUMBER), CORRECTED)
    found = await find_by_number(pool, MOTHERS_NUMBER)
    assert found is not None
    assert (found.person, found.name) == (MOTHER, "韦更正")
    await department.give(f"staff-{WINDOW}", APPOINTED)
    appointment = await find_appointment(pool, WINDOW)
    assert appointment is not None
    assert appointment.roles == {"hospital_window"}
    await department.give(f"staff-{WINDOW}", StaffDismissed(staff=WINDOW, dismissed_at=NOW))
    ended = await find_appointment(pool, WINDOW)
    assert ended is not None
    assert ended.roles == frozenset()
