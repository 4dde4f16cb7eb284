"""An application that the register no longer agrees with leads to no certificate."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from deploy.embedded.department_database import DepartmentDatabase
from services.certificates.catalogue_files import catalogue
from services.certificates.documents import documents_of
from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.application_state import InReview, Particulars, Terminated
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import Issued
from services.certificates.domain.review import ApproveApplication
from services.certificates.domain.still_true import RegisterNow, require_still_true
from services.certificates.issuing import Issuing
from services.certificates.service import SERVICE
from services.certificates.settings import CertificatesSettings
from shared.contracts.errors import Refused
from shared.eventstore.aggregate import Context
from tests.department import Department, running
from tests.services.certificates.examples import (
    FORM,
    KNOWN,
    NOW,
    OTHER_VILLAGE,
    RESIDENCE,
    REVIEWER,
    SUBMITTED,
    VILLAGE,
    ZHANG,
    registered,
    state_after,
)
from tests.services.certificates.histories import COUNTY, corrected, died, moved, revived
from tests.services.certificates.office import Office, apply, problem
from tests.services.certificates.sealed import give_seals
from tests.until import until

HOUSEHOLD = catalogue().types["household_page"][0]


def submitted() -> Particulars:
    state = state_after(APPLICATION, SUBMITTED)
    assert isinstance(state, InReview)
    return state.of


def test_an_application_that_agrees_with_the_register_may_be_issued() -> None:
    require_still_true(submitted(), RESIDENCE, RegisterNow(is_alive=True, known=KNOWN))


def test_nothing_is_issued_to_the_dead_whatever_the_type_rests_on() -> None:
    of_nothing = RESIDENCE.model_copy(update={"rests_on": frozenset()})
    for type in (RESIDENCE, of_nothing):
        with pytest.raises(Refused) as refused:
            require_still_true(submitted(), type, RegisterNow(is_alive=False, known=KNOWN))
        assert refused.value.code == "applicant_died"


@pytest.mark.parametrize(
    ("register", "field"),
    [
        (RegisterNow(is_alive=True, known={**KNOWN, "person.name": "张叁"}), "name"),
        (RegisterNow(is_alive=True, known={**KNOWN, "person.id_number": "130123200002291231"}), "id_number"),
        (RegisterNow(is_alive=True, known=KNOWN, left=[VILLAGE]), "village"),
    ],
)
def test_what_the_type_rests_on_must_not_have_changed(register: RegisterNow, field: str) -> None:
    with pytest.raises(Refused) as refused:
        require_still_true(submitted(), RESIDENCE, register)
    assert (refused.value.code, refused.value.facts["fields"]) == ("fact_changed", [field])
    of_nothing = RESIDENCE.model_copy(update={"rests_on": frozenset()})
    require_still_true(submitted(), of_nothing, register)


def test_a_tenant_need_not_be_registered_where_he_lives() -> None:
    elsewhere = {**KNOWN, "person.division": OTHER_VILLAGE, "person.address": "南街2号"}
    require_still_true(submitted(), RESIDENCE, RegisterNow(is_alive=True, known=elsewhere, left=[OTHER_VILLAGE]))


def test_a_page_of_the_register_says_what_the_register_says() -> None:
    form = {field.name: KNOWN[field.prefill] for field in HOUSEHOLD.fields if field.prefill}
    of = replace(submitted(), form=form)
    require_still_true(of, HOUSEHOLD, RegisterNow(is_alive=True, known=KNOWN))
    with pytest.raises(Refused, match="fact_changed"):
        require_still_true(of, HOUSEHOLD, RegisterNow(is_alive=True, known={**KNOWN, "person.address": "南街2号"}))


async def test_the_reviewer_is_told_why_it_cannot_be_approved(office: Office) -> None:
    application = await apply(await office.citizen())
    await office.department.give(f"person-{ZHANG}", moved(ZHANG, OTHER_VILLAGE))
    reviewer = await office.reviewer()
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, "fact_changed")
    assert (await reviewer.get(f"/applications/{application}")).json()["status"] == "in_review"
    refused = await reviewer.post(f"/applications/{application}/refuse", json={"reason": "情况已变更"})
    assert refused.json()["status"] == "refused"


async def test_what_nobody_typed_is_taken_anew_while_it_is_reviewed(office: Office) -> None:
    application = await apply(await office.citizen())
    await office.department.give(f"person-{ZHANG}", corrected(ZHANG, "张叁"))
    reviewer = await office.reviewer()

    async def refilled() -> bool:
        form = (await reviewer.get(f"/applications/{application}")).json()["form"]
        return bool(form["name"] == "张叁")

    await until(refilled, what="the form says the name that the register has now")
    assert (await reviewer.post(f"/applications/{application}/approve")).json()["status"] == "issued"


async def test_an_open_application_of_the_dead_ends_by_itself(office: Office) -> None:
    application = await apply(await office.citizen())
    reviewer = await office.reviewer()
    await office.department.give(f"person-{ZHANG}", died(ZHANG))

    async def over() -> bool:
        return bool((await reviewer.get(f"/applications/{application}")).json()["status"] == "terminated")

    await until(over, what="it came to an end")
    assert problem(await reviewer.post(f"/applications/{application}/approve")) == (409, "already_decided")
    assert (await reviewer.get("/review-queue")).json()["waiting"] == []


async def test_one_who_moved_may_put_it_right_and_have_it(office: Office) -> None:
    """He says once more that he lives there: the reviewer judges that, not the register."""
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    await office.department.give(f"person-{ZHANG}", moved(ZHANG, OTHER_VILLAGE))
    marked = {"wrong_fields": {"residence_address": "户口已迁出，请说明是否仍居住"}}
    assert (await reviewer.post(f"/applications/{application}/send-back", json=marked)).status_code == 200
    pool = office.department.engine.pool
    await until(lambda: pool.fetchval("select true from changes where settled_at is not null"), what="it is followed")
    again = await citizen.post(f"/applications/{application}/resubmit", json={"form": {"landlord": "李四"}})
    assert again.status_code == 200, again.text
    assert (await reviewer.post(f"/applications/{application}/approve")).json()["status"] == "issued"


async def test_who_lives_after_all_may_apply_again(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application, stream = await apply(citizen), f"person-{ZHANG}"
    await office.department.give(stream, died(ZHANG))

    async def over() -> bool:
        return bool((await reviewer.get(f"/applications/{application}")).json()["status"] == "terminated")

    await until(over, what="it came to an end")
    shown = (await reviewer.get(f"/applications/{application}")).json()
    assert "可以重新申请" in shown["termination"]["zh"]
    await office.department.give(stream, revived(ZHANG))
    again = await apply(citizen)
    assert again != application
    mine = (await citizen.get("/applications")).json()["applications"]
    assert {one["application"]: one["status"] for one in mine} == {application: "terminated", again: "in_review"}


async def test_many_who_sweep_at_once_terminate_it_once(database: DepartmentDatabase) -> None:
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        await department.give(f"person-{ZHANG}", registered(ZHANG), died(ZHANG))
        store, id = department.engine.store, uuid4()
        for command in (SubmitApplication(id, ZHANG, FORM, NOW), ApproveApplication(COUNTY, NOW)):
            await store.execute(APPLICATION.stream(id), APPLICATION, command, Context())
        await asyncio.gather(*(issuing_of(department).sweep() for _ in range(4)))
        with capture_logs() as logs:
            assert await issuing_of(department).sweep() == 0
        assert [line for line in logs if "application" in line] == []
        loaded = await store.load(APPLICATION.stream(id), APPLICATION)
        assert [type(event.data).__name__ for event in loaded.events][1:] == [
            "ApplicationApproved",
            "ApplicationTerminated",
        ]


async def test_what_the_place_was_left_of_ends_and_nothing_is_signed(database: DepartmentDatabase) -> None:
    """Approved, killed before it was issued; then the household moved."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        id = await approved_and_killed(department)
        await department.give(f"person-{ZHANG}", moved(ZHANG, OTHER_VILLAGE))
        await issuing_of(department).sweep()
        state = (await department.engine.store.load(APPLICATION.stream(id), APPLICATION)).state
        assert isinstance(state, Terminated)
        assert state.reason == "fact_changed"
        kinds = "('certificates.SerialClaimed', 'certificates.CertificateIssued', 'certificates.SealUsed')"
        pool = department.engine.pool
        assert await pool.fetchval(f"select count(*) from events where type in {kinds}") == 0
        assert await pool.fetchval("select count(*) from files where media = 'application/pdf'") == 0


async def test_what_was_approved_is_issued_as_the_register_has_it_now(database: DepartmentDatabase) -> None:
    """Approved, killed before it was issued; then the name was corrected."""
    async with running(replace(SERVICE, on_start=(), timers=()), database) as department:
        id = await approved_and_killed(department)
        await department.give(f"person-{ZHANG}", corrected(ZHANG, "张叁"))
        await issuing_of(department).sweep()
        state = (await department.engine.store.load(CERTIFICATE.stream(certificate_of(id)), CERTIFICATE)).state
        assert isinstance(state, Issued)
        assert state.as_issued.holder_name == "张叁"


async def approved_and_killed(department: Department) -> UUID:
    await give_seals(department)
    await department.give(f"person-{ZHANG}", registered(ZHANG))
    store, id = department.engine.store, uuid4()
    for command in (SubmitApplication(id, ZHANG, FORM, NOW), ApproveApplication(REVIEWER, NOW)):
        await store.execute(APPLICATION.stream(id), APPLICATION, command, Context())
    return id


def issuing_of(department: Department) -> Issuing:
    engine, settings = department.engine, department.settings
    assert isinstance(settings, CertificatesSettings)
    return Issuing(engine.store, engine.pool, catalogue(), documents_of(engine.store, engine.pool, settings))
