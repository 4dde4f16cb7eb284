"""Staff at a counter, a helper and a kiosk over HTTP: for whom they apply, and what they must bring."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.certificates.domain.application import APPLICATION
from services.certificates.use_cases.kiosk_tickets import open_ticket
from shared.contracts.certificates import ApplicationSubmitted, Assistance
from shared.contracts.identity import CitizenRegistered, Role
from shared.standards.phone import MobileNumber
from tests.department import Department
from tests.services.certificates.examples import (
    CHILD,
    CHILDS_NUMBER,
    COUNTY,
    ID_NUMBER,
    LI,
    NOW,
    REVIEWER,
    VILLAGE,
    WOMANS_NUMBER,
    ZHANG,
    registered,
)
from tests.services.certificates.histories import appointed, died, guarded
from tests.services.certificates.office import PDF, Office, bring, event_ids, fields, problem, submission

FOR_ZHANG = {"name": "张三", "id_number": str(ID_NUMBER)}
CARD: dict[str, Any] = {"type": "social_security_card", "form": {"bank": "icbc"}}
GUARDIAN = {"relation": "guardian", "name": "李四", "id_number": str(WOMANS_NUMBER)}


async def know(department: Department, *people: UUID) -> None:
    named = {
        ZHANG: registered(ZHANG),
        LI: registered(LI, name="李四", id_number=WOMANS_NUMBER),
        CHILD: registered(CHILD, name="张小妹", id_number=CHILDS_NUMBER),
    }
    for person in people:
        await department.give(f"person-{person}", named[person])


def asked(applicant: dict[str, str] | None = FOR_ZHANG, **more: Any) -> dict[str, Any]:
    return {**submission(), **({"for": applicant} if applicant else {}), **more}


def has_account(person: UUID) -> CitizenRegistered:
    return CitizenRegistered(citizen=person, name="李四", phone=MobileNumber("13800138000"), registered_at=NOW)


async def submitted(office: Office, answer: httpx.Response) -> ApplicationSubmitted:
    assert answer.status_code == 201, answer.text
    stream = APPLICATION.stream(answer.json()["application"])
    [event] = (await office.department.engine.store.load(stream, APPLICATION)).events
    assert isinstance(event.data, ApplicationSubmitted)
    return event.data


async def test_a_window_is_not_told_what_the_register_filled_in(office: Office) -> None:
    await know(office.department, ZHANG)
    await office.department.give("account", has_account(ZHANG))
    body = asked() | {"form": {"residence_since": "2021-09-01", "purpose": "school_entry"}}
    answer = await (await office.at(Role.window)).post("/applications", json=body)
    assert answer.status_code == 201, answer.text
    form = answer.json()["form"]
    assert form["phone"] == form["residence_address"] == "***"
    assert (form["name"], form["purpose"]) == ("张三", "school_entry")
    [listed] = (await (await office.citizen()).get("/applications")).json()["applications"]
    own = (await (await office.citizen()).get(f"/applications/{listed['application']}")).json()["form"]
    assert own["phone"] == "13800138000"


async def test_who_took_it_in_does_not_decide_it(office: Office) -> None:
    await know(office.department, ZHANG)
    staff = await office.staff(VILLAGE, Role.window, Role.reviewer)
    answer = await staff.post("/applications", json=asked())
    application = (await submitted(office, answer)).application
    for what in ("claim", "approve"):
        assert problem(await staff.post(f"/applications/{application}/{what}")) == (403, "another_must_check")


async def test_at_the_window_and_at_a_kiosk_staff_apply_for_who_stands_there(office: Office) -> None:
    """At a kiosk the person has proved who they are."""
    await know(office.department, ZHANG)
    purposes = {Role.window: "school_entry", Role.kiosk: "employment"}
    for role, purpose in purposes.items():
        staff = uuid4()
        body = asked() | {"form": submission(purpose=purpose)["form"]}
        if role is Role.kiosk:
            pool = office.department.engine.pool
            body["ticket"] = (await open_ticket(pool, staff, ZHANG, "card", datetime.now(UTC))).text
        event = await submitted(office, await (await office.at(role, staff)).post("/applications", json=body))
        assert (event.channel, event.submitted_by, event.citizen) == (role.value, staff, ZHANG)
        assert event.assistance is None
    listed = (await (await office.citizen()).get("/applications")).json()["applications"]
    assert len(listed) == 2
    assert all(one["expected_by"] for one in listed)


async def test_name_and_number_must_belong_together_and_it_is_not_told_which_is_wrong(office: Office) -> None:
    await know(office.department, ZHANG)
    window = await office.at(Role.window)
    wrong = [{"name": "张四", "id_number": str(ID_NUMBER)}, {"name": "张三", "id_number": str(WOMANS_NUMBER)}]
    answers = [await window.post("/applications", json=asked(applicant)) for applicant in wrong]
    for answer in answers:
        assert problem(answer) == (422, "no_such_person")
        assert fields(answer) == {"for"}
    assert answers[0].json()["errors"] == answers[1].json()["errors"]
    assert fields(await window.post("/applications", json=asked(None))) == {"for"}
    slip = {"name": "张三", "id_number": "130123198503120018"}
    assert fields(await window.post("/applications", json=asked(slip))) == {"for.id_number"}


async def test_a_citizen_applies_for_himself_only(office: Office) -> None:
    await know(office.department, LI)
    answer = await (await office.citizen(ZHANG)).post("/applications", json=asked())
    assert problem(answer) == (422, "not_for_others")


async def test_a_helper_is_named_beside_the_citizen_and_brings_his_mandate(office: Office) -> None:
    await know(office.department, ZHANG, LI)
    helper_id = REVIEWER.id
    await office.department.give(f"staff-{helper_id}", appointed(Role.helper).model_copy(update={"person": LI}))
    await office.department.give(f"account-{LI}", has_account(LI))
    helper = await office.at(Role.helper, helper_id)
    himself = {"relation": "mandate", "name": "李四", "id_number": str(WOMANS_NUMBER)}

    assert problem(await helper.post("/applications", json=asked())) == (409, "mandate_needed")
    assert problem(await helper.post("/applications", json=asked(assistance=himself))) == (409, "mandate_needed")
    others = await bring(await office.citizen(LI, is_known=False))
    stolen = await helper.post("/applications", json=asked(assistance={**himself, "mandate": others}))
    assert fields(stolen) == {"assistance.mandate"}

    mandate = await bring(helper)
    another = {**himself, "mandate": mandate, "name": "张三"}
    assert fields(await helper.post("/applications", json=asked(assistance=another))) == {"assistance.id_number"}
    event = await submitted(
        office, await helper.post("/applications", json=asked(assistance={**himself, "mandate": mandate}))
    )
    assert (event.channel, event.submitted_by, event.citizen) == ("helper", helper_id, ZHANG)
    assert event.assistance == Assistance(
        relation="mandate", name="李四", id_number=str(WOMANS_NUMBER), mandate=mandate
    )
    reviewer = await office.reviewer(VILLAGE, uuid4())
    shown = (await reviewer.get(f"/applications/{event.application}")).json()
    assert (shown["channel"], shown["assisted_by"]) == (
        "helper",
        {"relation": "mandate", "name": "李四", "id_number": WOMANS_NUMBER.masked, "has_mandate": True},
    )
    assert (await reviewer.get(f"/applications/{event.application}/evidence/mandate")).content == PDF


async def test_a_minor_without_guardian_is_refused_and_with_one_is_not(office: Office) -> None:
    await know(office.department, LI, CHILD)
    child, window = await office.citizen(CHILD), await office.at(Role.window)
    body = CARD
    girl = {"name": "张小妹", "id_number": str(CHILDS_NUMBER)}
    assert problem(await child.post("/applications", json=body)) == (409, "guardian_needed")
    assert problem(await window.post("/applications", json={**body, "for": girl})) == (409, "guardian_needed")
    unknown = {**GUARDIAN, "name": "李五"}
    at_window = {**body, "for": girl}
    assert fields(await window.post("/applications", json={**at_window, "assistance": unknown})) == {"assistance"}
    event = await submitted(office, await window.post("/applications", json={**at_window, "assistance": GUARDIAN}))
    assert event.assistance
    assert (event.citizen, event.assistance.relation, event.chain[0].division) == (CHILD, "guardian", COUNTY)


async def test_a_guardian_applies_on_line_for_his_ward_and_follows_it(office: Office) -> None:
    await know(office.department, LI, CHILD)
    await office.department.give(f"person-{CHILD}", guarded(CHILD, LI))
    mother = await office.citizen(LI)
    [ward] = (await mother.get("/wards")).json()["wards"]
    assert ward == {"person": str(CHILD), "name": "张小妹", "id_number": str(CHILDS_NUMBER)}
    form = (await mother.get("/catalogue/social_security_card/form", params={"of": ward["person"]})).json()
    assert {field["name"]: field["value"] for field in form["fields"]}["name"] == "张小妹"

    girl = {"name": ward["name"], "id_number": ward["id_number"]}
    answer = await mother.post("/applications", json={**CARD, "for": girl})
    event = await submitted(office, answer)
    assert (event.channel, event.submitted_by, event.citizen) == ("app", None, CHILD)
    assert event.assistance == Assistance(relation="guardian", name="李四", id_number=str(WOMANS_NUMBER))

    application = answer.json()["application"]
    assert (await mother.get(f"/applications/{application}")).status_code == 200
    listed = (await mother.get("/applications", params={"of": str(CHILD)})).json()["applications"]
    assert [one["application"] for one in listed] == [application]
    assert (await mother.get("/applications")).json()["applications"] == []
    withdrawn = await mother.post(f"/applications/{application}/withdraw", params={"of": str(CHILD)})
    assert withdrawn.json()["status"] == "withdrawn"


async def test_who_is_not_the_guardian_learns_nothing_of_a_child(office: Office) -> None:
    await know(office.department, ZHANG, LI, CHILD)
    await office.department.give(f"person-{CHILD}", guarded(CHILD, LI))
    stranger = await office.citizen(ZHANG)
    girl = {"name": "张小妹", "id_number": str(CHILDS_NUMBER)}
    nobody = {"name": "无此人", "id_number": str(CHILDS_NUMBER)}
    answers = [
        await stranger.post("/applications", json={**CARD, "for": who})
        for who in (girl, nobody, {"name": "李四", "id_number": str(WOMANS_NUMBER)})
    ]
    assert {problem(answer) for answer in answers} == {(422, "not_for_others")}
    assert len({str(answer.json()["errors"]) for answer in answers}) == 1
    for place in ("/applications", "/certificates", "/catalogue/social_security_card/form"):
        for of in (CHILD, uuid4()):
            assert problem(await stranger.get(place, params={"of": str(of)})) == (404, "no_such_ward")
    assert (await stranger.get("/wards")).json() == {"wards": []}

    window = await office.at(Role.window)
    father = {"relation": "guardian", "name": "张三", "id_number": str(ID_NUMBER)}
    body = {**CARD, "for": girl, "assistance": father}
    assert fields(await window.post("/applications", json=body)) == {"assistance.name"}


async def test_the_dead_and_the_too_young_do_not_apply(office: Office) -> None:
    await know(office.department, ZHANG, LI, CHILD)
    window = await office.at(Role.window)
    girl = {"name": "张小妹", "id_number": str(CHILDS_NUMBER)}
    birth = {"type": "birth_medical", "form": {}, "for": girl, "assistance": GUARDIAN}
    assert problem(await window.post("/applications", json=birth)) == (409, "too_young")
    await office.department.give(f"person-{ZHANG}", died(ZHANG))
    assert problem(await window.post("/applications", json=asked())) == (409, "applicant_died")


async def test_what_was_sent_back_is_put_right_at_any_window(office: Office) -> None:
    await know(office.department, ZHANG, LI)
    window, reviewer = await office.at(Role.window), await office.reviewer()
    application = (await window.post("/applications", json=asked())).json()["application"]
    await reviewer.post(f"/applications/{application}/send-back", json={"wrong_fields": {"landlord": "请填写"}})
    other = await office.at(Role.window)
    change = {"form": {"landlord": "安有例"}, "for": FOR_ZHANG}
    wrong = {**change, "for": {"name": "李四", "id_number": str(WOMANS_NUMBER)}}
    assert problem(await other.post(f"/applications/{application}/resubmit", json=wrong)) == (
        404,
        "no_such_application",
    )
    assert (await other.post(f"/applications/{application}/resubmit", json=change)).json()["status"] == "in_review"


async def test_a_counter_that_asks_twice_applies_once(office: Office) -> None:
    await know(office.department, ZHANG)
    window = await office.at(Role.window, key=str(uuid4()))
    first, again = [await window.post("/applications", json=asked()) for _ in range(2)]
    assert (again.status_code, event_ids(again)) == (201, event_ids(first))


async def test_an_appointment_that_ended_ends_the_counter(office: Office) -> None:
    await know(office.department, ZHANG)
    window = await office.at(Role.window, REVIEWER.id)
    await office.department.give(f"staff-{REVIEWER.id}", appointed(Role.reviewer, at=datetime.now(UTC)))
    assert problem(await window.post("/applications", json=asked())) == (403, "role_needed")
