"""The bureau's HTTP: one form in, five papers out, and everybody told how it stands."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4, uuid5

import pytest

from deploy.embedded.department_database import DepartmentDatabase
from services.cases.service import SERVICE
from shared.contracts.identity import Role, StaffAppointed
from tests.department import running
from tests.services.cases.bureau import (
    COUNTY,
    VILLAGE,
    Bureau,
    at_counter,
    enrolled,
    entry,
    entry_undone,
    fields,
    form,
    paper,
    paper_refused,
    paper_undone,
    problem,
    running_case,
    statuses,
)
from tests.services.cases.examples import FATHER, MOTHER, STRANGER


@pytest.fixture
async def bureau(database: DepartmentDatabase) -> AsyncIterator[Bureau]:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        await bureau.know_the_parents()
        yield bureau


async def test_what_there_is_says_how_little_it_asks(bureau: Bureau) -> None:
    listed = (await (await bureau.citizen()).get("/definitions")).json()["definitions"]
    birth = next(one for one in listed if one["code"] == "birth")
    assert (birth["promise_days"], birth["effort"]["forms"], birth["effort"]["visits"]) == (6, 1, 1)
    assert birth["effort_separately"]["visits"] > 10


async def test_the_form_comes_filled_with_both_parents(bureau: Bureau) -> None:
    for parent in (MOTHER, FATHER):
        filled = (await (await bureau.citizen(parent)).get("/definitions/birth/form")).json()["filled"]
        assert (filled["mother_name"], filled["father_name"]) == ("季试用", "寓客来")
        assert filled["marriage_licence"] == "J130123-2020-000123"


async def test_one_form_in_five_papers_out(bureau: Bureau) -> None:
    case = await running_case(bureau)
    mother = await bureau.citizen()
    shown = await mother.get(f"/cases/{case}")
    assert statuses(shown)["birth_medical"] == statuses(shown)["vaccination"] == "requested"
    await bureau.answer(paper(case, "vaccination"), paper(case, "birth_medical", certificate="1.2.156"))
    await bureau.answer(entry(case))
    papers = [paper(case, item) for item in ("household_card", "social_security_card", "insurance_voucher")]
    await bureau.answer(enrolled(case), *papers)
    shown = await mother.get(f"/cases/{case}")
    assert set(statuses(shown).values()) == {"done"}
    told = shown.json()
    assert (told["status"], told["closed"]) == ("closed", "completed")
    assert [one["what"] for one in told["timeline"]][:3] == ["CaseOpened", "CaseConsentGiven", "CaseStarted"]
    listed = (await mother.get("/cases")).json()["cases"]
    assert [(one["done"], one["items"], one["status"]) for one in listed] == [(7, 7, "closed")]


async def test_while_insurance_is_away_everything_else_is_done(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper(case, "vaccination"), paper(case, "birth_medical", certificate="1.2.156"))
    await bureau.answer(entry(case), paper(case, "social_security_card"))
    shown = (await (await bureau.citizen()).get(f"/cases/{case}")).json()
    by_code = {one["item"]: one for one in shown["items"]}
    assert {code for code, one in by_code.items() if one["status"] == "done"} == {
        "birth_medical",
        "vaccination",
        "household_entry",
        "social_security_card",
    }
    assert by_code["enrolment"]["status"] == "requested"
    assert "Medical insurance" in by_code["insurance_voucher"]["waits_for"]["en"]


async def test_a_case_is_shown_as_it_stood(bureau: Bureau) -> None:
    case = await running_case(bureau)
    before = datetime.now(UTC)
    await bureau.answer(paper(case, "vaccination"))
    mother = await bureau.citizen()
    then = await mother.get(f"/cases/{case}", params={"as_of": before.isoformat()})
    assert statuses(then)["vaccination"] == "requested"
    assert statuses(await mother.get(f"/cases/{case}"))["vaccination"] == "done"
    long_ago = await mother.get(f"/cases/{case}", params={"as_of": "2020-01-01T00:00:00+08:00"})
    assert problem(long_ago) == (404, "not_there_then")
    no_zone = await mother.get(f"/cases/{case}", params={"as_of": "2020-01-01T00:00:00"})
    assert problem(no_zone) == (422, "invalid")


async def test_both_parents_at_the_same_instant_open_one_case(bureau: Bureau) -> None:
    mother, father = await bureau.citizen(MOTHER), await bureau.citizen(FATHER)
    answers = await asyncio.gather(*(parent.post("/cases", json=form()) for parent in (mother, father)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    opened = next(answer for answer in answers if answer.status_code == 201)
    assert problem(refused) == (409, "already_open")
    for parent in (mother, father):
        assert [one["case"] for one in (await parent.get("/cases")).json()["cases"]] == [opened.json()["case"]]


async def test_twins_have_a_case_each(bureau: Bureau) -> None:
    first, second = await running_case(bureau), await running_case(bureau, birth_order="second", child_name="寓小雪")
    assert first != second
    again = await (await bureau.citizen(FATHER)).post("/cases", json=form(birth_order="second"))
    assert problem(again) == (409, "already_open")


async def test_a_repeated_request_is_the_same_case(bureau: Bureau) -> None:
    mother = await bureau.citizen(key=str(uuid4()))
    first, again = [await mother.post("/cases", json=form()) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert first.headers["event-id"] == again.headers["event-id"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"child_name": "王小满"}, "child_name"),
        ({"birth_date": "2020-01-01"}, "birth_date"),
        ({"hospital": "elsewhere"}, "hospital"),
        ({"child_id_number": "130123202312220023"}, "child_id_number"),
    ],
)
async def test_what_does_not_fit_is_told_at_once_with_its_reason(
    bureau: Bureau, changed: dict[str, str], wrong: str
) -> None:
    answer = await (await bureau.citizen()).post("/cases", json=form(**changed))
    assert answer.status_code == 422
    assert fields(answer) == {f"form.{wrong}"} or fields(answer) == {wrong}
    assert (await (await bureau.citizen()).get("/cases")).json()["cases"] == []


async def test_a_parent_nobody_knows_and_one_without_a_marriage_are_told(database: DepartmentDatabase) -> None:
    async with running(SERVICE, database) as department, Bureau(department) as bureau:
        mother = await bureau.citizen()
        assert problem(await mother.post("/cases", json=form())) == (409, "not_registered")
        await bureau.know_the_parents(married=False)
        assert problem(await mother.post("/cases", json=form())) == (409, "not_married")


async def test_a_stranger_finds_nothing(bureau: Bureau) -> None:
    case = await running_case(bureau)
    stranger, clerk_elsewhere = await bureau.citizen(STRANGER), await bureau.staff(division="450821000000")
    for client in (stranger, clerk_elsewhere):
        assert problem(await client.get(f"/cases/{case}")) == (404, "no_such_case")
    for verb in ("consent", "withdraw"):
        assert problem(await stranger.post(f"/cases/{case}/{verb}")) == (404, "no_such_case")
    assert problem(await clerk_elsewhere.post(f"/cases/{case}/ask", json={"text": "?"})) == (404, "no_such_case")


async def test_consent_withdrawn_half_way_stops_the_case(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper(case, "birth_medical", certificate="1.2.156"))
    stopped = await (await bureau.citizen(FATHER)).post(f"/cases/{case}/withdraw")
    assert (stopped.json()["status"], statuses(stopped)["enrolment"]) == ("stopping", "skipped")
    assert statuses(stopped)["birth_medical"] == "done", "until it is known that no entry rests on it"
    await bureau.answer(entry_undone(case), paper_undone(case, "vaccination"), paper_undone(case, "birth_medical"))
    shown = (await (await bureau.citizen()).get(f"/cases/{case}")).json()
    assert (shown["status"], shown["closed"]) == ("closed", "stopped")


async def test_a_refusal_is_told_and_tried_again_by_the_bureau(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper_refused(case, "birth_medical", may_retry=True))
    window = await bureau.staff()
    stuck = (await window.get("/bureau/stuck")).json()["items"]
    assert [(one["case"], one["item"], one["status"]) for one in stuck] == [(str(case), "birth_medical", "may_retry")]
    retried = await window.post(f"/cases/{case}/items/birth_medical/retry")
    assert statuses(retried)["birth_medical"] == "requested"
    assert problem(await window.post(f"/cases/{case}/items/birth_medical/retry")) == (409, "still_in_work")
    assert (await window.get("/bureau/stuck")).json()["items"] == []


async def test_the_bureau_leaves_ones_own_case_to_a_colleague(bureau: Bureau) -> None:
    case = await running_case(bureau)
    await bureau.answer(paper_refused(case, "birth_medical", may_retry=True))
    window = await bureau.staff()
    appointment = StaffAppointed(
        staff=uuid5(MOTHER, f"{Role.window} {COUNTY}"),
        name="寓客来",
        roles=frozenset({Role.window}),
        division=COUNTY,
        appointed_at=datetime.now(UTC),
        person=FATHER,
    )
    await bureau.department.give(f"staff-{appointment.staff}", appointment)
    retried = await window.post(f"/cases/{case}/items/birth_medical/retry")
    assert problem(retried) == (409, "not_ones_own_matter")


async def test_the_clock_stands_still_until_the_citizen_has_answered(bureau: Bureau) -> None:
    case = await running_case(bureau)
    window, mother = await bureau.staff(), await bureau.citizen()
    asked = (await window.post(f"/cases/{case}/ask", json={"text": "请补充出生医院的出院小结编号"})).json()
    assert (asked["supplement"], asked["expected_by"]) == ("请补充出生医院的出院小结编号", None)
    assert (await mother.get("/cases")).json()["cases"][0]["status"] == "supplement"
    answered = (await mother.post(f"/cases/{case}/supplement", json={"text": "CY-20231220-01"})).json()
    assert answered["supplement"] is None
    assert problem(await mother.post(f"/cases/{case}/supplement", json={"text": "again"})) == (409, "nothing_asked")


async def test_a_question_without_words_is_to_be_filled_in(bureau: Bureau) -> None:
    case = await running_case(bureau)
    answer = await (await bureau.staff()).post(f"/cases/{case}/ask", json={"text": " "})
    assert [(one["field"], one["message"]) for one in answer.json()["errors"]] == [("text", "This is required.")]


async def test_staff_see_cases_of_their_division_and_a_hospital_those_it_took_in(bureau: Bureau) -> None:
    hospital = await bureau.staff(Role.hospital_window)
    another = await bureau.staff(Role.hospital_window, division="130100000000")
    opened = await hospital.post("/counter/cases", json=at_counter())
    case = opened.json()["case"]
    elsewhere = "450821000000"
    for staff, status in (
        (hospital, 200),
        (another, 404),
        (await bureau.staff(Role.window), 200),
        (await bureau.staff(Role.leader), 200),
        (await bureau.staff(Role.window, division=elsewhere), 404),
        (await bureau.staff(Role.leader, division=elsewhere), 404),
        (await bureau.staff(Role.police_reviewer), 403),
    ):
        assert (await staff.get(f"/cases/{case}")).status_code == status
    for role, listed in ((Role.window, 1), (Role.leader, 1), (Role.hospital_window, None), (Role.reviewer, None)):
        answer = await (await bureau.staff(role)).get("/bureau/cases")
        assert (len(answer.json()["cases"]) if answer.status_code == 200 else None) == listed
    other_window = await bureau.staff(Role.window, division=elsewhere)
    assert (await other_window.get("/bureau/cases")).json()["cases"] == []


@pytest.mark.parametrize(
    ("roles", "division"),
    [
        ((Role.leader,), VILLAGE),
        ((Role.leader, Role.police_reviewer), COUNTY),
        ((Role.leader, Role.health_reviewer), COUNTY),
    ],
)
async def test_who_leads_a_village_or_a_profession_keeps_no_cases(
    bureau: Bureau, roles: tuple[Role, ...], division: str
) -> None:
    case = await running_case(bureau)
    async with bureau.department.client(bureau.department.token("staff", uuid4(), roles, division)) as leader:
        assert problem(await leader.get("/bureau/cases")) == (403, "role_needed")
        assert (await leader.get(f"/cases/{case}")).status_code == 404
        assert (await leader.post(f"/cases/{case}/ask", json={"text": "请补充"})).status_code == 404


async def test_a_case_that_only_a_file_describes_runs_at_the_bureaus_desk(bureau: Bureau) -> None:
    mother, window = await bureau.citizen(), await bureau.staff()
    struck = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    opened = await mother.post(
        "/cases", json={"definition": "disaster", "form": {"struck_on": struck, "damage": "unsafe"}}
    )
    assert opened.status_code == 201, opened.text
    case = opened.json()["case"]
    waiting = (await window.get("/bureau/stuck")).json()["items"]
    assert [(one["item"], one["department"]) for one in waiting] == [("damage_check", "cases")]
    bare = await window.post(f"/cases/{case}/items/damage_check/done", json={})
    assert (problem(bare), fields(bare)) == ((422, "results_missing"), {"results.confirmed_damage"})
    early = await window.post(f"/cases/{case}/items/claim/done", json={"results": {"amount": "1.00"}})
    assert problem(early) == (409, "not_on_desk")
    for item, results in (
        ("damage_check", {"confirmed_damage": "unsafe"}),
        ("claim", {"amount": "12000.00"}),
        ("payment_notice", {}),
    ):
        done = await window.post(f"/cases/{case}/items/{item}/done", json={"results": results})
        assert done.status_code == 200, done.text
    assert (done.json()["status"], done.json()["closed"]) == ("closed", "completed")
    figures = (await window.get("/bureau/figures")).json()["figures"]
    assert [(one["definition"], one["cases"], one["closed"]) for one in figures] == [("disaster", 1, 1)]


async def test_a_desk_refuses_with_its_reason(bureau: Bureau) -> None:
    mother, window = await bureau.citizen(), await bureau.staff()
    struck = datetime.now(UTC).date().isoformat()
    form = {"definition": "disaster", "form": {"struck_on": struck, "damage": "damaged"}}
    case = (await mother.post("/cases", json=form)).json()["case"]
    refused = await window.post(f"/cases/{case}/items/damage_check/refuse", json={"reason": "房屋未受损"})
    assert refused.json()["closed"] == "partly"
    assert statuses(refused) == {"damage_check": "refused", "claim": "skipped", "payment_notice": "skipped"}
    anothers = await running_case(bureau)
    done = await window.post(f"/cases/{anothers}/items/vaccination/done", json={})
    assert problem(done) == (403, "not_ours")


async def test_drafts_are_saved_gone_on_with_and_deleted(bureau: Bureau) -> None:
    mother, draft = await bureau.citizen(), uuid4()
    assert (await mother.put(f"/drafts/{draft}", json=form())).status_code == 200
    assert [one["draft"] for one in (await mother.get("/drafts")).json()["drafts"]] == [str(draft)]
    stranger = await bureau.citizen(STRANGER)
    assert problem(await stranger.get(f"/drafts/{draft}")) == (404, "no_such_draft")
    assert (await mother.delete(f"/drafts/{draft}")).status_code == 204
    assert problem(await mother.get(f"/drafts/{draft}")) == (404, "no_such_draft")
