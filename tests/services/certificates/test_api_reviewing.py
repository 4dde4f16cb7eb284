"""Chains, claims, batches, messages and figures over HTTP."""

import asyncio
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx
from pyhanko.pdf_utils.reader import PdfFileReader

from services.certificates.domain.application import APPLICATION, SubmitApplication
from services.certificates.domain.conversation import MOST_MESSAGES
from services.certificates.domain.seal_commands import Owner
from shared.contracts.certificates import ReviewStep
from shared.contracts.identity import Role, StaffAppointed
from shared.eventstore.aggregate import Context
from tests.services.certificates.examples import (
    COLLEAGUE,
    COMMITTEE,
    FORM,
    LI,
    NOW,
    OTHER_VILLAGE,
    REVIEWER,
    TOWNSHIP,
    VILLAGE,
    ZHANG,
)
from tests.services.certificates.histories import ELSEWHERE
from tests.services.certificates.office import Office, apply, bring, fields, problem
from tests.services.certificates.sealed import give_seals

COUNTY = "130123000000"
HEAD = UUID("0192c000-0000-7000-8000-000000000004")
NEIGHBOUR = UUID("0192c000-0000-7000-8000-000000000006")
CHECKED = (ReviewStep(division=VILLAGE, role="reviewer"), ReviewStep(division=TOWNSHIP, role="reviewer"))
SIGNED = (*CHECKED, ReviewStep(division=VILLAGE, role="leader"))
OF_POLICE = (ReviewStep(division=COUNTY, role="police_reviewer"),)


async def submitted(office: Office, *chain: ReviewStep) -> UUID:
    """An application that is reviewed by this chain; submitted long ago."""
    id = uuid4()
    await office.citizen()
    command = SubmitApplication(id, ZHANG, FORM, NOW, chain)
    await office.department.engine.store.execute(APPLICATION.stream(id), APPLICATION, command, Context())
    return id


async def appoint(office: Office, id: UUID, name: str, *roles: Role, division: str = VILLAGE) -> None:
    event = StaffAppointed(staff=id, name=name, roles=frozenset(roles), division=division, appointed_at=NOW)
    await office.department.give(f"staff-{id}", event)


async def waiting(client: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    answer = await client.get("/review-queue", params=params)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["waiting"]
    return listed


async def test_an_application_goes_from_queue_to_queue_and_is_issued_at_the_end(office: Office) -> None:
    application = await submitted(office, *SIGNED)
    village, town = await office.reviewer(), await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    head = await office.reviewer(id=HEAD, role=Role.leader)
    assert [(one["step"], one["steps"], one["step_role"]) for one in await waiting(village)] == [(1, 3, "reviewer")]
    assert await waiting(head) == []
    passed = await village.post(f"/applications/{application}/approve")
    assert (passed.json()["status"], passed.json()["step"]) == ("in_review", 2)
    assert (await waiting(village), await waiting(head)) == ([], [])
    assert [one["step_division"] for one in await waiting(town)] == [TOWNSHIP]
    assert problem(await head.post(f"/applications/{application}/approve")) == (403, "not_your_step")
    assert (await town.post(f"/applications/{application}/approve")).json()["step"] == 3
    assert await waiting(town) == []
    assert [one["step_role"] for one in await waiting(head)] == ["leader"]
    assert (await head.post(f"/applications/{application}/approve")).json()["status"] == "issued"


ECONOMIC = {
    "household_members": "3",
    "members": "张三，本人，130123198503120019；李四，配偶，130123198703120026",
    "income_per_head": "5200",
    "main_income": "farming",
    "assets": "无",
    "checked_by": "visit",
    "purpose": "student_aid",
}
TOWN = Owner("seal", "正定县正定镇人民政府", "11130123MB0001345F", TOWNSHIP)


async def of_means(office: Office) -> str:
    citizen = await office.citizen()
    evidence = {"income_statement": await bring(citizen)}
    body = {"type": "family_economic_status", "form": ECONOMIC, "evidence": evidence}
    applied = await citizen.post("/applications", json=body)
    assert applied.status_code == 201, applied.text
    application: str = applied.json()["application"]
    return application


async def test_village_and_township_each_sign_and_seal_a_familys_means(office: Office) -> None:
    await give_seals(office.department, [TOWN])
    application, citizen = await of_means(office), await office.citizen()
    deciders = (
        await office.reviewer(),
        await office.reviewer(id=HEAD, role=Role.leader),
        await office.reviewer(TOWNSHIP, COLLEAGUE.id),
    )
    for step, decider in enumerate(deciders, 1):
        assert (await citizen.get(f"/applications/{application}")).json()["step"] == step
        answer = await decider.post(f"/applications/{application}/approve")
        assert answer.status_code == 200, answer.text
    [certificate] = (await citizen.get("/certificates")).json()["certificates"]
    pdf = (await citizen.get(f"/certificates/{certificate['certificate']}/document")).content
    signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert [one.field_name for one in signatures] == ["Reviewer", "Seal", "CounterReviewer", "CounterSeal"]
    names = [one.signer_cert.subject.native["common_name"] for one in signatures]
    assert (names[1], names[3]) == (COMMITTEE, TOWN.name)
    anyone = await office.anyone()
    checked = (await anyone.post("/check", files={"file": ("means.pdf", pdf)})).json()
    assert checked["status"] == "valid"
    altered = pdf[:-700] + bytes([pdf[-700] ^ 1]) + pdf[-699:]
    assert (await anyone.post("/check", files={"file": ("means.pdf", altered)})).json()["status"] == "altered"


async def test_nobody_above_it_signs_for_the_village(office: Office) -> None:
    application = await of_means(office)
    await (await office.reviewer()).post(f"/applications/{application}/approve")
    leader = await office.reviewer(TOWNSHIP, NEIGHBOUR, role=Role.leader)
    assert problem(await leader.post(f"/applications/{application}/approve")) == (403, "not_your_step")


async def test_a_township_without_its_seal_is_told_and_nothing_is_signed(office: Office) -> None:
    application = await of_means(office)
    await (await office.reviewer()).post(f"/applications/{application}/approve")
    await (await office.reviewer(id=HEAD, role=Role.leader)).post(f"/applications/{application}/approve")
    town = await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    assert problem(await town.post(f"/applications/{application}/approve")) == (409, "no_seal")


async def test_a_step_of_the_police_is_in_the_queue_of_the_police_only(office: Office) -> None:
    application = await submitted(office, *OF_POLICE)
    village = await office.reviewer()
    police = await office.reviewer(COUNTY, NEIGHBOUR, role=Role.police_reviewer)
    assert await waiting(village) == []
    assert len(await waiting(police)) == 1
    assert problem(await village.get(f"/applications/{application}")) == (404, "no_such_application")
    assert problem(await village.post(f"/applications/{application}/approve")) == (404, "no_such_application")


async def test_who_passed_a_step_is_not_offered_the_next_one(office: Office) -> None:
    application = await submitted(office, *CHECKED)
    town = await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    await town.post(f"/applications/{application}/approve")
    assert await waiting(town) == []
    assert problem(await town.post(f"/applications/{application}/approve")) == (403, "another_must_check")
    assert len(await waiting(await office.reviewer(TOWNSHIP, NEIGHBOUR))) == 1


async def test_of_two_who_claim_at_once_one_has_it(office: Office) -> None:
    application = await apply(await office.citizen())
    one, other = await office.reviewer(), await office.reviewer(id=NEIGHBOUR)
    answers = await asyncio.gather(*(who.post(f"/applications/{application}/claim") for who in (one, other)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner, loser = (one, other) if answers[0].status_code == 200 else (other, one)
    assert problem(await loser.post(f"/applications/{application}/approve")) == (409, "claimed_by_another")
    assert (await winner.post(f"/applications/{application}/approve")).json()["status"] == "issued"


async def test_the_queue_shows_who_claimed_and_is_narrowed_by_it(office: Office) -> None:
    citizen, one, other = await office.citizen(), await office.reviewer(), await office.reviewer(id=NEIGHBOUR)
    await appoint(office, REVIEWER.id, "审有民", Role.reviewer)
    claimed = await apply(citizen)
    free = await apply(citizen, purpose="employment")
    assert (await one.post(f"/applications/{claimed}/claim")).json()["is_claimed"] is True
    assert [(item["application"], item["claimer"]) for item in await waiting(other)] == [
        (claimed, "审有民"),
        (free, None),
    ]
    assert [item["application"] for item in await waiting(one, claimed="mine")] == [claimed]
    assert [item["application"] for item in await waiting(other, claimed="mine")] == []
    assert [item["application"] for item in await waiting(other, claimed="unclaimed")] == [free]
    answer = await one.get("/review-queue", params={"claimed": "yours"})
    assert (answer.status_code, fields(answer)) == (422, {"claimed"})


async def test_a_leader_of_the_division_releases_and_another_reviewer_does_not(office: Office) -> None:
    application = await apply(await office.citizen())
    one, other = await office.reviewer(), await office.reviewer(id=NEIGHBOUR)
    head = await office.reviewer(TOWNSHIP, HEAD, role=Role.leader)
    await one.post(f"/applications/{application}/claim")
    assert problem(await other.post(f"/applications/{application}/release")) == (403, "not_your_claim")
    assert (await head.post(f"/applications/{application}/release")).json()["is_claimed"] is False
    assert (await other.post(f"/applications/{application}/claim")).status_code == 200


async def decide(client: httpx.AsyncClient, *decisions: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post("/review-queue/decide", json={"decisions": decisions})
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
    return outcomes


async def test_a_batch_has_an_outcome_for_each_and_one_failure_costs_no_other(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    purposes = ("school_entry", "employment", "housing_fund")
    good, bad, back = [await apply(citizen, purpose=purpose) for purpose in purposes]
    far = await apply(await office.citizen(LI), **ELSEWHERE)
    outcomes = await decide(
        reviewer,
        {"application": good, "decision": "approve"},
        {"application": bad, "decision": "refuse", "reason": " "},
        {"application": back, "decision": "send_back", "wrong_fields": {"residence_since": "应为2021年10月"}},
        {"application": far, "decision": "approve"},
        {"application": str(uuid4()), "decision": "send_back", "wrong_fields": {"phone": "请核对"}},
    )
    assert [(one["status"], one["state"], one["code"]) for one in outcomes] == [
        (200, "issued", None),
        (422, None, "nothing_said"),
        (200, "sent_back", None),
        (404, None, "no_such_application"),
        (404, None, "no_such_application"),
    ]
    assert [error["field"] for error in outcomes[1]["errors"]] == ["reason"]
    assert [len(one["events"]) for one in outcomes] == [4, 0, 1, 0, 0]  # two uses stand beside an issue


async def test_a_batch_that_comes_again_under_its_key_decides_nothing_twice(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer(key=str(uuid4()))
    decisions = [
        {"application": await apply(citizen, purpose=purpose), "decision": "approve"}
        for purpose in ("school_entry", "employment", "housing_fund")
    ]
    first, again = await asyncio.gather(decide(reviewer, *decisions), decide(reviewer, *decisions))
    assert first == again == await decide(reviewer, *decisions)
    pool = office.department.engine.pool
    assert await pool.fetchval("select count(*) from events where type = 'certificates.ApplicationApproved'") == 3
    assert await pool.fetchval("select count(*) from events where type = 'certificates.CertificateIssued'") == 3


async def test_decisions_of_a_batch_share_their_commits(office: Office) -> None:
    applications = [await submitted(office) for _ in range(40)]
    reviewer = await office.reviewer()
    decisions = [{"application": str(one), "decision": "refuse", "reason": "不在本村居住"} for one in applications]
    outcomes = await decide(reviewer, *decisions)
    assert {one["status"] for one in outcomes} == {200}
    transactions = "select count(distinct xmin::text) from events where type = 'certificates.ApplicationRefused'"
    assert await office.department.engine.pool.fetchval(transactions) < 20


async def test_what_is_named_twice_in_a_batch_is_not_guessed(office: Office) -> None:
    application, reviewer = await apply(await office.citizen()), await office.reviewer()
    twice = await decide(
        reviewer,
        {"application": application, "decision": "approve"},
        {"application": application, "decision": "refuse", "reason": "不在本村居住"},
    )
    assert [(one["status"], one["code"]) for one in twice] == [(409, "named_twice")] * 2
    assert (await reviewer.get(f"/applications/{application}")).json()["status"] == "in_review"


async def test_a_batch_is_not_empty_and_not_without_end(office: Office) -> None:
    reviewer = await office.reviewer()
    one = {"application": str(uuid4()), "decision": "approve"}
    for decisions in ([], [one] * 101, [{**one, "decision": "perhaps"}]):
        assert (await reviewer.post("/review-queue/decide", json={"decisions": decisions})).status_code == 422
    citizen = await office.citizen()
    assert problem(await citizen.post("/review-queue/decide", json={"decisions": [one]})) == (403, "role_needed")


async def write(client: httpx.AsyncClient, application: object, text: str) -> httpx.Response:
    return await client.post(f"/applications/{application}/messages", json={"text": text})


async def test_messages_stay_with_the_case_in_their_order(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    await appoint(office, REVIEWER.id, "审有民", Role.reviewer)
    application = await apply(citizen)
    assert (await write(reviewer, application, "请补充房东电话。")).status_code == 201
    assert (await write(citizen, application, " 已经补充，谢谢。 ")).status_code == 201
    for who in (citizen, reviewer):
        listed = (await who.get(f"/applications/{application}/messages")).json()
        assert [(one["sender"], one["name"], one["text"]) for one in listed["messages"]] == [
            ("staff", "审有民", "请补充房东电话。"),
            ("citizen", None, "已经补充，谢谢。"),
        ]
    first = (await citizen.get(f"/applications/{application}/messages", params={"limit": 1})).json()
    params = {"limit": 1, "after": first["next"]}
    second = (await citizen.get(f"/applications/{application}/messages", params=params)).json()
    assert [page["messages"][0]["sender"] for page in (first, second)] == ["staff", "citizen"]
    assert second["next"] is None


async def test_a_message_by_a_stranger_is_answered_like_one_about_nothing(office: Office) -> None:
    application = await apply(await office.citizen())
    for stranger in (await office.citizen(LI), await office.reviewer(OTHER_VILLAGE)):
        assert problem(await write(stranger, application, "您好")) == (404, "no_such_application")
        read = await stranger.get(f"/applications/{application}/messages")
        assert problem(read) == (404, "no_such_application")
    assert problem(await write(await office.citizen(), uuid4(), "您好")) == (404, "no_such_application")


async def test_a_message_sent_again_under_its_key_is_one_message(office: Office) -> None:
    application, citizen = await apply(await office.citizen()), await office.citizen(key=str(uuid4()))
    first, again = await write(citizen, application, "您好"), await write(citizen, application, "您好")
    assert first.json() == again.json()
    assert len((await citizen.get(f"/applications/{application}/messages")).json()["messages"]) == 1


async def test_a_message_that_says_nothing_or_too_much_is_refused(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    for text in (" ", "长" * 501, "a\u0000b"):
        answer = await write(citizen, application, text)
        assert (answer.status_code, fields(answer)) == (422, {"text"})
    assert (await citizen.post(f"/applications/{application}/messages", json={})).status_code == 422
    assert MOST_MESSAGES == 100


async def test_nothing_is_written_to_what_is_closed(office: Office) -> None:
    citizen = await office.citizen()
    application = await apply(citizen)
    await citizen.post(f"/applications/{application}/withdraw")
    assert problem(await write(citizen, application, "您好")) == (409, "already_decided")


async def test_figures_are_right_after_the_events_they_count(office: Office) -> None:
    citizen, reviewer = await office.citizen(), await office.reviewer()
    head = await office.reviewer(TOWNSHIP, HEAD, role=Role.leader)
    await appoint(office, REVIEWER.id, "审有民", Role.reviewer)
    assert (await head.get("/review-queue/figures")).json()["figures"]["waiting"] == 0
    approved = await apply(citizen)
    back = await apply(citizen, purpose="employment")
    await apply(citizen, purpose="housing_fund")
    await submitted(office)
    await reviewer.post(f"/applications/{approved}/approve")
    await reviewer.post(f"/applications/{back}/send-back", json={"wrong_fields": {"phone": "请核对"}})
    told = (await head.get("/review-queue/figures")).json()
    median = told["figures"].pop("median_seconds")
    assert told["figures"] == {
        "waiting": 2,
        "overdue": 1,
        "decided_today": 2,
        "decided_this_week": 2,
        "sent_back_this_week": 1,
    }
    assert 0 <= median < 60
    assert [(one["division"], one["figures"]["waiting"]) for one in told["below"]] == [(VILLAGE, 2)]
    [one] = (await head.get("/review-queue/figures/reviewers")).json()["reviewers"]
    assert (one["reviewer"], one["name"], one["figures"]["decided_today"]) == (str(REVIEWER.id), "审有民", 2)


async def test_the_share_of_a_reviewer_is_what_he_has_claimed(office: Office) -> None:
    application, reviewer = await apply(await office.citizen()), await office.reviewer()
    await appoint(office, REVIEWER.id, "审有民", Role.reviewer)
    await reviewer.post(f"/applications/{application}/claim")
    head = await office.reviewer(id=HEAD, role=Role.leader)
    page = (await head.get("/review-queue/figures/reviewers", params={"limit": 1})).json()
    assert [one["figures"]["waiting"] for one in page["reviewers"]] == [1]
    assert page["next"] is None
    below = (await head.get("/review-queue/figures")).json()["below"]
    assert [one["division"] for one in below] == [VILLAGE]


async def test_figures_are_for_leaders_of_the_place(office: Office) -> None:
    reviewer, head = await office.reviewer(), await office.reviewer(id=HEAD, role=Role.leader)
    for path in ("/review-queue/figures", "/review-queue/figures/reviewers"):
        assert problem(await reviewer.get(path)) == (403, "role_needed")
        assert problem(await head.get(path, params={"division": TOWNSHIP})) == (403, "outside_division")
        assert problem(await head.get(path, params={"division": "somewhere"})) == (422, "division_code")
