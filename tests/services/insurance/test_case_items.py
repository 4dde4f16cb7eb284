"""A newborn is enrolled because a case asks, once, and from the day of birth."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.insurance.case_items import ITEM, CaseItems
from services.insurance.cover import NOT_YET_SETTLED
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, NotInsured
from shared.contracts.case_items import Words
from shared.contracts.cases import InsuranceItemRequested, InsuranceItemWithdrawn
from shared.messaging import asked_item
from shared.messaging.asked_item import Done, Ended, item_id
from shared.standards.shanghai import day_in_shanghai
from tests.department import Department

CASE = UUID("018c94c2-4f00-7000-8000-0000000000c1")
CHILD = UUID("018c94c2-4f00-7000-8000-0000000000e1")
MOTHER = UUID("018c94c2-4f00-7000-8000-0000000000a1")
NOW = datetime.now(UTC)
INPUTS = {
    "child": str(CHILD),
    "child_id_number": "130123202312200023",
    "child_name": "寓小满",
    "birth_date": day_in_shanghai(NOW - timedelta(days=3)).isoformat(),
    "division": "130123100242",
}


def requested(**changed: Any) -> InsuranceItemRequested:
    return InsuranceItemRequested(
        case=CASE,
        item="enrolment",
        action="enrol_newborn",
        inputs={**INPUTS, **changed},
        applicant=MOTHER,
        definition="birth",
        definition_version=1,
        requested_at=NOW,
    )


async def asked_and_done(department: Department, *events: Any) -> asked_item.State:
    await department.give(f"case-{CASE}", *events)
    engine = department.engine
    await CaseItems(engine.store).desk(engine.pool).work()
    return (await engine.store.load(ITEM.stream(item_id(CASE, "enrolment")), ITEM)).state


async def insured(department: Department) -> Any:
    return (await department.engine.store.load(INSURED.stream(CHILD), INSURED)).state


async def test_a_newborn_is_insured_from_the_day_of_birth(department: Department) -> None:
    state = await asked_and_done(department, requested(), requested())
    assert isinstance(state, Done)
    assert state.results == {"insured_from": INPUTS["birth_date"], "notice": NOT_YET_SETTLED.zh}
    child = await insured(department)
    assert isinstance(child, Insured)
    assert child.region == "130100000000"
    again = await asked_and_done(department)
    assert again == state


async def test_later_than_ninety_days_it_is_the_day_it_was_asked(department: Department) -> None:
    state = await asked_and_done(department, requested(birth_date=(NOW - timedelta(days=120)).date().isoformat()))
    assert isinstance(state, Done)
    assert state.results["insured_from"] == day_in_shanghai(NOW).isoformat()


@pytest.mark.parametrize(
    "changed", [{"child_id_number": "130123202312200024"}, {"child": "nobody"}, {"birth_date": "yesterday"}]
)
async def test_what_cannot_be_read_is_refused_and_nobody_enrolled(
    department: Department, changed: dict[str, str]
) -> None:
    assert isinstance(await asked_and_done(department, requested(**changed)), asked_item.Refused)
    assert isinstance(await insured(department), NotInsured)


async def test_an_enrolment_stays_when_the_case_is_stopped(department: Department) -> None:
    await asked_and_done(department, requested())
    stopped = InsuranceItemWithdrawn(
        case=CASE,
        item="enrolment",
        action="enrol_newborn",
        undo=True,
        reason=Words(zh="停办", en="stopped"),
        withdrawn_at=NOW,
    )
    assert isinstance(await asked_and_done(department, stopped), Ended)
    assert isinstance(await insured(department), Insured)


async def test_where_there_is_a_policy_nothing_more_is_said(department: Department) -> None:
    state = await asked_and_done(department, requested(division="450821105202"))
    assert isinstance(state, Done)
    assert state.results == {"insured_from": INPUTS["birth_date"]}
