"""A reviewer over HTTP: the queue and the decisions."""

import asyncio
from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from shared.contracts.identity import Role, StaffDismissed
from tests.services.certificates.examples import COLLEAGUE, LI, OTHER_VILLAGE, REVIEWER, TOWNSHIP, VILLAGE
from tests.services.certificates.histories import ELSEWHERE, appointed
from tests.services.certificates.office import Office, apply, event_ids, fields, problem

DECISIONS = [
    ("approve", None),
    ("refuse", {"reason": "不在本村居住"}),
    ("send-back", {"wrong_fields": {"residence_since": "应为2021年10月"}}),
]


async def test_the_queue_shows_what_waits_without_telling_the_id_number(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    [waiting] = (await reviewer.get("/review-queue")).json()["waiting"]
    assert waiting["application"] == application
    assert (waiting["applicant"], waiting["id_number"]) == ("张三", "130123********0019")
    assert waiting["is_overdue"] is False
    assert (await reviewer.post(f"/applications/{application}/approve")).status_code == 200
    assert (await reviewer.get("/review-queue")).json() == {"waiting": [], "next": None}


async def test_a_reviewer_sees_the_queue_of_his_own_division_only(office: Office) -> None:
    await apply(await office.citizen())
    there = await apply(await office.citizen(LI), **ELSEWHERE)
    village, town = await office.reviewer(OTHER_VILLAGE), await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    assert [one["application"] for one in (await village.get("/review-queue")).json()["waiting"]] == [there]
    assert len((await town.get("/review-queue")).json()["waiting"]) == 2
    narrowed = await town.get("/review-queue", params={"division": OTHER_VILLAGE})
    assert [one["application"] for one in narrowed.json()["waiting"]] == [there]
    for division in (VILLAGE, TOWNSHIP):
        assert problem(await village.get("/review-queue", params={"division": division})) == (403, "outside_division")
    assert problem(await town.get("/review-queue", params={"division": "somewhere"})) == (422, "division_code")


async def test_pages_of_the_queue_lead_from_the_most_urgent_on(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    made = [await apply(citizen, purpose=purpose) for purpose in ("school_entry", "employment", "housing_fund")]
    first = (await reviewer.get("/review-queue", params={"limit": 2})).json()
    second = (await reviewer.get("/review-queue", params={"limit": 2, "after": first["next"]})).json()
    assert [one["application"] for page in (first, second) for one in page["waiting"]] == made
    assert second["next"] is None


async def test_an_approval_is_answered_with_the_certificate(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    await office.department.give(f"staff-{REVIEWER.id}", appointed())
    answer = await reviewer.post(f"/applications/{application}/approve")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["reviewer"]) == ("issued", "审有民")
    types = [
        await office.department.engine.pool.fetchval("select type from events where id = $1", event)
        for event in event_ids(answer)
    ]
    assert types == [
        "certificates.ApplicationApproved",
        "certificates.SealUsed",
        "certificates.SealUsed",
        "certificates.CertificateIssued",
    ]
    assert (await citizen.get(f"/applications/{application}")).json() == told
    assert (await citizen.get(f"/certificates/{told['certificate']}")).status_code == 200


async def test_a_refusal_tells_the_citizen_why(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    answer = await reviewer.post(f"/applications/{application}/refuse", json={"reason": "不在本村居住"})
    assert (answer.json()["status"], answer.json()["reason"]) == ("refused", "不在本村居住")
    assert (await citizen.get(f"/applications/{application}")).json()["reason"] == "不在本村居住"


async def test_a_reviewer_of_another_village_neither_sees_nor_decides(office: Office) -> None:
    application = await apply(await office.citizen())
    stranger = await office.reviewer(OTHER_VILLAGE)
    assert problem(await stranger.get(f"/applications/{application}")) == (404, "no_such_application")
    for decision, body in DECISIONS:
        answer = await stranger.post(f"/applications/{application}/{decision}", json=body)
        assert problem(answer) == (404, "no_such_application")


async def test_who_is_no_reviewer_decides_nothing(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    registrar = await office.reviewer(role=Role.registrar)
    for caller, (decision, body) in product((citizen, registrar), DECISIONS):
        answer = await caller.post(f"/applications/{application}/{decision}", json=body)
        assert problem(answer) == (403, "role_needed")
    assert problem(await registrar.get("/review-queue")) == (403, "role_needed")
    assert problem(await registrar.get(f"/applications/{application}")) == (403, "role_needed")


async def test_a_dismissed_reviewers_token_opens_nothing(office: Office) -> None:
    application = await apply(await office.citizen())
    reviewer = await office.reviewer()
    dismissed = StaffDismissed(staff=REVIEWER.id, dismissed_at=datetime.now(UTC))
    await office.department.give(f"staff-{REVIEWER.id}", appointed(), dismissed)
    for decision, body in DECISIONS:
        answer = await reviewer.post(f"/applications/{application}/{decision}", json=body)
        assert problem(answer) == (401, "dismissed")
    for looked_at in ("/review-queue", f"/review-queue?division={VILLAGE}", f"/applications/{application}"):
        assert problem(await reviewer.get(looked_at)) == (401, "dismissed")


async def test_who_was_moved_reviews_where_they_are_now(office: Office) -> None:
    application = await apply(await office.citizen())
    reviewer = await office.reviewer(TOWNSHIP)
    assert (await reviewer.get(f"/applications/{application}")).status_code == 200
    await office.department.give(f"staff-{REVIEWER.id}", appointed(division=OTHER_VILLAGE, at=datetime.now(UTC)))
    assert (await reviewer.get("/review-queue")).json()["waiting"] == []
    assert problem(await reviewer.get("/review-queue", params={"division": VILLAGE})) == (403, "outside_division")
    assert problem(await reviewer.get(f"/applications/{application}")) == (404, "no_such_application")


async def test_an_application_that_does_not_exist_is_not_found(office: Office) -> None:
    reviewer = await office.reviewer()
    for decision, body in DECISIONS:
        answer = await reviewer.post(f"/applications/{uuid4()}/{decision}", json=body)
        assert problem(answer) == (404, "no_such_application")


@pytest.mark.parametrize("ending", ["approve", "refuse", "withdraw"])
async def test_what_is_closed_is_not_decided_again(office: Office, ending: str) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    application = await apply(citizen)
    closer = citizen if ending == "withdraw" else reviewer
    reason = {"reason": "不在本村居住"} if ending == "refuse" else None
    assert (await closer.post(f"/applications/{application}/{ending}", json=reason)).status_code == 200
    colleague = await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    for decision, body in DECISIONS:
        answer = await colleague.post(f"/applications/{application}/{decision}", json=body)
        assert problem(answer) == (409, "already_decided")


async def test_a_decision_that_says_nothing_useful_is_refused(office: Office) -> None:
    application = await apply(await office.citizen())
    reviewer = await office.reviewer()
    cases: list[tuple[str, object, set[str]]] = [
        ("refuse", {"reason": "  "}, {"reason"}),
        ("refuse", {"reason": "长" * 501}, {"reason"}),
        ("refuse", {}, {"reason"}),
        ("send-back", {"wrong_fields": {}}, {"wrong_fields"}),
        ("send-back", {"wrong_fields": {"income": "请填写"}}, {"wrong_fields.income"}),
        ("send-back", {"wrong_fields": {"purpose": "请改为求职"}}, {"wrong_fields.purpose"}),
        ("send-back", {"wrong_fields": {"landlord": ""}}, {"wrong_fields.landlord"}),
    ]
    for decision, body, named in cases:
        answer = await reviewer.post(f"/applications/{application}/{decision}", json=body)
        assert answer.status_code == 422
        assert fields(answer) == named


async def test_approving_again_is_answered_as_the_first_time(office: Office) -> None:
    application = await apply(await office.citizen())
    reviewer = await office.reviewer(key=str(uuid4()))
    first = await reviewer.post(f"/applications/{application}/approve")
    again = await reviewer.post(f"/applications/{application}/approve")
    assert (again.status_code, again.json(), event_ids(again)) == (200, first.json(), event_ids(first))
    assert len(event_ids(first)) == 4
    without_key = await office.reviewer()
    assert (await without_key.post(f"/applications/{application}/approve")).json() == first.json()


async def test_two_approvals_at_once_make_one_certificate(office: Office) -> None:
    application = await apply(await office.citizen())
    one, other = await office.reviewer(), await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    answers = await asyncio.gather(*(who.post(f"/applications/{application}/approve") for who in (one, other)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    pool = office.department.engine.pool
    assert await pool.fetchval("select count(*) from events where type = 'certificates.CertificateIssued'") == 1


async def test_of_an_approval_and_a_refusal_at_once_one_wins(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    one, other = await office.reviewer(), await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    approval, refusal = await asyncio.gather(
        one.post(f"/applications/{application}/approve"),
        other.post(f"/applications/{application}/refuse", json={"reason": "不在本村居住"}),
    )
    assert sorted((approval.status_code, refusal.status_code)) == [200, 409]
    status = (await citizen.get(f"/applications/{application}")).json()["status"]
    assert status == ("issued" if approval.status_code == 200 else "refused")
    issued = await office.department.engine.pool.fetchval("select count(*) from certificates")
    assert issued == (1 if approval.status_code == 200 else 0)
