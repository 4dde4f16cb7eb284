"""A citizen over HTTP: applies, puts right, withdraws, looks."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.services.certificates.examples import (
    GIVEN,
    LI,
    OTHER_VILLAGE,
    SILENT_VILLAGE,
    VILLAGE,
    ZHANG,
)
from tests.services.certificates.histories import account, corrected
from tests.services.certificates.office import Office, apply, event_ids, fields, problem, submission


async def test_the_form_comes_filled_with_what_is_known(office: Office) -> None:
    citizen = await office.citizen()
    await office.department.give(f"account-{ZHANG}", account(ZHANG))
    form = (await citizen.get("/catalogue/residence/form")).json()
    values = {field["name"]: field["value"] for field in form["fields"] if field["value"] is not None}
    assert values == {
        "name": "张三",
        "id_number": "130123198503120019",
        "phone": "13800138000",
        "village": VILLAGE,
        "residence_address": "3排12号",
    }
    assert {field["name"] for field in form["fields"] if not field["editable"]} == {"name", "id_number"}


async def test_who_is_not_known_yet_is_told_to_wait(office: Office) -> None:
    citizen = await office.citizen(is_known=False)
    assert problem(await citizen.get("/catalogue/residence/form")) == (409, "not_known_yet")
    assert problem(await citizen.post("/applications", json=submission())) == (409, "not_known_yet")


async def test_an_application_is_there_as_soon_as_it_is_accepted(office: Office) -> None:
    citizen = await office.citizen()
    answer = await citizen.post("/applications", json=submission())
    assert answer.status_code == 201
    told = answer.json()
    assert (told["status"], told["division"], told["form"]["name"]) == ("in_review", VILLAGE, "张三")
    assert datetime.fromisoformat(told["expected_by"]) - datetime.fromisoformat(told["submitted_at"]) == timedelta(
        minutes=30
    )
    [event] = event_ids(answer)
    assert await office.department.engine.pool.fetchval("select stream from events where id = $1", event) == (
        f"application-{told['application']}"
    )
    assert (await citizen.get(f"/applications/{told['application']}")).json() == told
    [listed] = (await citizen.get("/applications")).json()["applications"]
    assert listed["application"] == told["application"]
    assert listed["status"] == "in_review"


async def test_what_cannot_be_applied_for_is_refused(office: Office) -> None:
    citizen = await office.citizen()
    cases: list[tuple[Any, int, str]] = [
        ({"type": "travel", "form": {}}, 404, "unknown_type"),
        ({"type": "kinship", "form": {}}, 409, "not_needed"),
        ({"type": "no_criminal_record", "form": {"county": VILLAGE}}, 409, "not_issued_here"),
        ({"type": "death", "form": {}}, 409, "not_issued_here"),
        ({"type": "residence"}, 422, "invalid"),
        ({"type": "residence", "form": {}, "citizen": str(LI)}, 422, "invalid"),
        ({"type": "residence", "form": {"purpose": 3}}, 422, "invalid"),
        ({"type": "residence", "form": {"landlord": "王" * 2001}}, 422, "invalid"),
        ({"type": "residence", "form": {f"field_{n}": "x" for n in range(61)}}, 422, "invalid"),
    ]
    for body, status, code in cases:
        assert problem(await citizen.post("/applications", json=body)) == (status, code)
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 0


async def test_a_wrong_form_is_refused_by_field(office: Office) -> None:
    citizen = await office.citizen()
    cases: list[tuple[dict[str, str], set[str]]] = [
        ({"name": "李四"}, {"name"}),
        ({"id_number": "11010519491231002X"}, {"id_number"}),
        ({"village": "130123100999"}, {"village"}),
        ({"village": SILENT_VILLAGE, "residence_address": "1号"}, {"village"}),
        ({"residence_since": "2999-01-01"}, {"residence_since"}),
        ({"residence_since": ""}, {"residence_since"}),
        ({"landlord": "王" * 61}, {"landlord"}),
        ({"income": "0"}, {"income"}),
    ]
    for given, named in cases:
        answer = await citizen.post("/applications", json=submission(**given))
        assert answer.status_code == 422
        assert fields(answer) == named


async def test_a_refusal_speaks_the_language_that_was_asked_for(office: Office) -> None:
    citizen = await office.citizen()
    chinese = {"accept-language": "zh-CN"}
    answer = await citizen.post("/applications", json={"type": "kinship", "form": {}}, headers=chinese)
    assert answer.json()["detail"].startswith("亲属关系证明无需开具")
    assert "民发〔2020〕20号" in answer.json()["detail"]


async def test_the_same_thing_twice_is_refused_while_the_first_is_open(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    assert problem(await citizen.post("/applications", json=submission(residence_since="2022-01-01"))) == (
        409,
        "already_open",
    )
    assert await apply(citizen, purpose="employment") != application
    assert await apply(await office.citizen(LI)) != application


async def test_ten_at_once_make_one_application(office: Office) -> None:
    citizen = await office.citizen()
    answers = await asyncio.gather(*(citizen.post("/applications", json=submission()) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 1


async def test_after_the_first_is_closed_one_may_apply_again_and_again(office: Office) -> None:
    citizen = await office.citizen()
    applications = []
    for _ in range(6):  # more than are looked up at once
        applications.append(await apply(citizen))
        assert (await citizen.post(f"/applications/{applications[-1]}/withdraw")).json()["status"] == "withdrawn"
    assert len(set(applications)) == 6
    assert len((await citizen.get("/applications")).json()["applications"]) == 6


async def test_a_request_repeated_under_its_key_is_answered_as_the_first_time(office: Office) -> None:
    citizen = await office.citizen()
    key = {"idempotency-key": str(uuid4())}
    first = await citizen.post("/applications", json=submission(), headers=key)
    again = await citizen.post("/applications", json=submission(), headers=key)
    assert (again.status_code, again.json(), event_ids(again)) == (201, first.json(), event_ids(first))
    await citizen.post(f"/applications/{first.json()['application']}/withdraw")
    late = await citizen.post("/applications", json=submission(), headers=key)
    assert (late.status_code, event_ids(late)) == (201, event_ids(first))
    assert late.json()["status"] == "withdrawn"
    assert await office.department.engine.pool.fetchval("select count(*) from events") == 2


async def test_the_same_key_ten_times_at_once_makes_one_application(office: Office) -> None:
    citizen = await office.citizen(key=str(uuid4()))
    answers = await asyncio.gather(*(citizen.post("/applications", json=submission()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["event-id"] for answer in answers}) == 1


async def test_a_key_with_another_request_is_refused(office: Office) -> None:
    citizen = await office.citizen(key=str(uuid4()))
    await apply(citizen)
    answer = await citizen.post("/applications", json=submission(purpose="employment"))
    assert problem(answer) == (422, "idempotency_key_reused")


async def test_pages_of_applications_lead_from_the_newest_to_the_oldest(office: Office) -> None:
    citizen = await office.citizen()
    made = [await apply(citizen, purpose=purpose) for purpose in ("school_entry", "employment", "housing_fund")]
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "2"} | ({"after": after} if after else {})
        page = (await citizen.get("/applications", params=params)).json()
        seen += [one["application"] for one in page["applications"]]
        if not (after := page["next"]):
            break
    assert seen == made[::-1]
    assert problem(await citizen.get("/applications", params={"after": "nowhere"})) == (422, "unknown_place")
    assert problem(await citizen.get("/applications", params={"limit": "0"})) == (422, "invalid")


async def test_what_is_anothers_is_as_if_it_were_not_there(office: Office) -> None:
    application = await apply(await office.citizen(ZHANG))
    stranger = await office.citizen(LI)
    assert problem(await stranger.get(f"/applications/{application}")) == (404, "no_such_application")
    assert problem(await stranger.post(f"/applications/{application}/withdraw")) == (404, "no_such_application")
    correction = {"form": {"residence_since": "2022-01-01"}}
    assert problem(await stranger.post(f"/applications/{application}/resubmit", json=correction)) == (
        404,
        "no_such_application",
    )
    assert problem(await stranger.get(f"/applications/{uuid4()}")) == (404, "no_such_application")
    assert (await stranger.get("/applications")).json() == {"applications": [], "next": None}


async def test_marked_fields_are_put_right_and_the_rest_is_kept(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    marked = {"wrong_fields": {"residence_since": "应为2021年10月"}}
    assert (await reviewer.post(f"/applications/{application}/send-back", json=marked)).status_code == 200
    told = (await citizen.get(f"/applications/{application}")).json()
    assert (told["status"], told["wrong_fields"]) == ("sent_back", marked["wrong_fields"])

    wrong = await citizen.post(
        f"/applications/{application}/resubmit", json={"form": {"residence_since": "2999-01-01"}}
    )
    assert fields(wrong) == {"residence_since"}
    other = await citizen.post(f"/applications/{application}/resubmit", json={"form": {"purpose": "employment"}})
    assert fields(other) == {"purpose"}
    right = await citizen.post(
        f"/applications/{application}/resubmit", json={"form": {"residence_since": "2021-10-01"}}
    )
    assert right.status_code == 200
    assert (right.json()["status"], right.json()["wrong_fields"]) == ("in_review", None)
    assert right.json()["form"]["residence_since"] == "2021-10-01"
    assert right.json()["form"]["purpose"] == GIVEN["purpose"]
    assert len(event_ids(right)) == 1


async def test_what_was_not_sent_back_cannot_be_put_right(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    answer = await citizen.post(f"/applications/{application}/resubmit", json={"form": {}})
    assert problem(answer) == (409, "not_sent_back")


async def test_a_repeated_correction_is_answered_as_the_first_time(office: Office) -> None:
    """Although meanwhile the register says that he was born later, and it would not be taken any more."""
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    await reviewer.post(f"/applications/{application}/send-back", json={"wrong_fields": {"landlord": "请填写"}})
    keyed, body = await office.citizen(key=str(uuid4())), {"form": {"residence_since": "1999-01-01"}}
    first = await keyed.post(f"/applications/{application}/resubmit", json=body)
    await office.department.give(f"person-{ZHANG}", corrected(ZHANG, "张三"))
    again = await keyed.post(f"/applications/{application}/resubmit", json=body)
    assert (again.status_code, event_ids(again)) == (200, event_ids(first))


async def test_a_tenant_is_certified_by_the_village_where_he_lives(office: Office) -> None:
    citizen = await office.citizen()
    answer = await citizen.post(
        "/applications", json=submission(village=OTHER_VILLAGE, residence_address="南街1排8号", landlord="安有例")
    )
    assert answer.json()["division_name"] == "河北省石家庄市正定县正定镇西柏棠村"


async def test_only_citizens_apply(office: Office) -> None:
    reviewer, anyone = await office.reviewer(), await office.anyone()
    assert problem(await reviewer.post("/applications", json=submission())) == (403, "role_needed")
    assert problem(await anyone.post("/applications", json=submission())) == (401, "token_missing")
    assert problem(await anyone.get("/applications")) == (401, "token_missing")


async def test_certificates_are_seen_by_their_holder_only(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    approved = (await reviewer.post(f"/applications/{application}/approve")).json()
    [listed] = (await citizen.get("/certificates")).json()["certificates"]
    assert (listed["certificate"], listed["status"]) == (approved["certificate"], "valid")
    shown = (await citizen.get(f"/certificates/{listed['certificate']}")).json()
    assert (shown["holder_name"], shown["holder_code"]) == ("张三", "130123198503120019")
    assert {line["name"]: line["value"] for line in shown["content"]}["purpose"] == "子女入学"
    assert UUID(shown["application"]) == UUID(application)
    stranger = await office.citizen(LI)
    assert problem(await stranger.get(f"/certificates/{listed['certificate']}")) == (404, "no_such_certificate")
    assert problem(await citizen.get(f"/certificates/{uuid4()}")) == (404, "no_such_certificate")
    assert (await stranger.get("/certificates")).json() == {"certificates": [], "next": None}
