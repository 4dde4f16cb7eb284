"""No officer handles a matter of their own (回避): not as reviewer, not after issue, not by asking."""

from datetime import UTC, datetime

import pytest

from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.guardian import Guardian
from shared.eventstore.aggregate import Context
from tests.services.certificates.examples import APPLICATION_ID, FORM, ID_NUMBER, LI, NOW, REVIEWER, VILLAGE, ZHANG
from tests.services.certificates.histories import appointed
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, apply, problem

OWN = (409, "not_ones_own_matter")


@pytest.fixture
async def office_of_zhang(office: Office) -> Office:
    """The reviewer is 张三."""
    appointment = appointed(at=datetime.now(UTC)).model_copy(update={"person": ZHANG})
    await office.department.give(f"staff-{REVIEWER.id}", appointment)
    return office


async def test_nobody_decides_their_own_application(office_of_zhang: Office) -> None:
    application = await apply(await office_of_zhang.citizen())
    reviewer = await office_of_zhang.reviewer()
    for what, body in (
        ("claim", None),
        ("approve", None),
        ("refuse", {"reason": "不实"}),
        ("send-back", {"wrong_fields": {"purpose_detail": "请说明"}}),
    ):
        assert problem(await reviewer.post(f"/applications/{application}/{what}", json=body)) == OWN, what


async def test_a_guardian_does_not_decide_for_the_ward(office_of_zhang: Office) -> None:
    await office_of_zhang.citizen(LI)
    guardian = Guardian(ZHANG, datetime.now(UTC).date().replace(year=9000))
    command = SubmitApplication(APPLICATION_ID, LI, FORM, NOW, guardian=guardian)
    store = office_of_zhang.department.engine.store
    await store.execute(APPLICATION.stream(APPLICATION_ID), APPLICATION, command, Context())
    reviewer = await office_of_zhang.reviewer()
    assert problem(await reviewer.post(f"/applications/{APPLICATION_ID}/approve")) == OWN


async def test_nobody_decides_on_their_own_certificate(office_of_zhang: Office) -> None:
    certificate = await hold(office_of_zhang.department.engine.store, another())
    reviewer = await office_of_zhang.reviewer()
    suspension = {"reason": "under_review", "explanation": "有人反映情况不实"}
    assert problem(await reviewer.post(f"/certificates/{certificate}/suspend", json=suspension)) == OWN
    proposal = {"reason": "obtained_by_deceit", "explanation": "材料不实"}
    assert problem(await reviewer.post(f"/certificates/{certificate}/revocation", json=proposal)) == OWN


async def test_nobody_asks_a_fact_about_themselves(office_of_zhang: Office) -> None:
    await office_of_zhang.citizen()
    reviewer = await office_of_zhang.reviewer()
    who = {"name": "张三", "id_number": str(ID_NUMBER)}
    question = {**who, "purpose": "school_entry", "case": "1", "division": VILLAGE}
    assert problem(await reviewer.post("/facts/resident", json=question)) == OWN


async def test_another_reviewer_decides_it(office: Office) -> None:
    application = await apply(await office.citizen())
    appointment = appointed(at=datetime.now(UTC)).model_copy(update={"person": LI})
    await office.department.give(f"staff-{REVIEWER.id}", appointment)
    answer = await (await office.reviewer()).post(f"/applications/{application}/approve")
    assert answer.status_code == 200
