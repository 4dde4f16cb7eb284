"""A certificate after issue, over HTTP: reviewers and leaders decide, its holder asks, everybody else sees nothing."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contracts.certificates import CertificateIssued
from shared.contracts.identity import Role
from tests.services.certificates.examples import COLLEAGUE, COUNTY, LI, OTHER_VILLAGE, REVIEWER, TOWNSHIP, ZHANG
from tests.services.certificates.histories import appointed
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, fields, problem

SUSPENSION = {"reason": "under_review", "explanation": "有人反映情况不实"}
PROPOSAL = {"reason": "obtained_by_deceit", "explanation": "房东证明系伪造"}
WORDS = {"explanation": "经核实无误"}
DECISIONS: list[tuple[str, dict[str, str] | None]] = [
    ("suspend", SUSPENSION),
    ("reinstate", WORDS),
    ("revocation", PROPOSAL),
    ("revocation/confirm", None),
    ("revocation/decline", WORDS),
]


@pytest.fixture
async def certificate(office: Office) -> UUID:
    return await hold(office.department.engine.store, another())


async def post(client: httpx.AsyncClient, certificate: UUID, what: str, json: Any = None) -> httpx.Response:
    return await client.post(f"/certificates/{certificate}/{what}", json=json)


async def test_a_reviewer_suspends_and_reinstates(office: Office, certificate: UUID) -> None:
    reviewer = await office.reviewer()
    suspended = await post(reviewer, certificate, "suspend", SUSPENSION)
    assert suspended.status_code == 200
    assert suspended.headers["event-id"]
    told = suspended.json()
    assert (told["status"], told["reason"], told["explanation"]) == ("suspended", "under_review", "有人反映情况不实")
    assert problem(await post(reviewer, certificate, "suspend", SUSPENSION)) == (409, "already_suspended")
    assert (await post(reviewer, certificate, "reinstate", WORDS)).json()["status"] == "valid"
    assert problem(await post(reviewer, certificate, "reinstate", WORDS)) == (409, "not_suspended")


async def test_one_proposes_a_revocation_and_another_confirms(office: Office, certificate: UUID) -> None:
    reviewer = await office.reviewer()
    leader = await office.reviewer(TOWNSHIP, COLLEAGUE.id, role=Role.leader)
    proposed = (await post(reviewer, certificate, "revocation", PROPOSAL)).json()
    assert proposed["status"] == "valid"
    assert proposed["revocation"]["proposed_by"] == str(REVIEWER.id)
    assert problem(await post(reviewer, certificate, "revocation/confirm")) == (403, "another_must_decide")
    waiting = (await leader.get("/issued", params={"revocation_waits": True})).json()["certificates"]
    assert [one["certificate"] for one in waiting] == [str(certificate)]
    confirmed = (await post(leader, certificate, "revocation/confirm")).json()
    assert (confirmed["status"], confirmed["reason"], confirmed["revocation"]) == (
        "revoked",
        "obtained_by_deceit",
        None,
    )
    for what, body in DECISIONS:
        assert problem(await post(leader, certificate, what, body)) == (409, "certificate_over"), what
    assert (await leader.get("/issued", params={"revocation_waits": True})).json()["certificates"] == []


async def test_a_revocation_confirmed_by_two_at_once_happens_once(office: Office, certificate: UUID) -> None:
    await post(await office.reviewer(), certificate, "revocation", PROPOSAL)
    others = [await office.reviewer(TOWNSHIP, uuid4()) for _ in range(4)]
    answers = await asyncio.gather(*(post(one, certificate, "revocation/confirm") for one in others))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_a_holder_asks_for_a_revocation_and_may_take_it_back(office: Office, certificate: UUID) -> None:
    holder, reviewer = await office.citizen(), await office.reviewer()
    asked = await post(holder, certificate, "revocation", {"explanation": "不再需要"})
    assert asked.json()["revocation"]["reason"] == "holder_asked"
    assert (await post(holder, certificate, "revocation/decline", WORDS)).json()["revocation"] is None
    await post(holder, certificate, "revocation", {"explanation": "不再需要"})
    assert (await post(reviewer, certificate, "revocation/confirm")).json()["status"] == "revoked"


async def test_a_holder_does_not_decide(office: Office, certificate: UUID) -> None:
    holder = await office.citizen()
    accused = await post(holder, certificate, "revocation", PROPOSAL)
    assert (accused.status_code, fields(accused)) == (422, {"reason"})
    for what, body in (("suspend", SUSPENSION), ("reinstate", WORDS), ("revocation/confirm", None)):
        assert problem(await post(holder, certificate, what, body)) == (403, "role_needed"), what


async def test_to_everybody_else_it_does_not_exist(office: Office, certificate: UUID) -> None:
    stranger, elsewhere = await office.citizen(LI), await office.reviewer(OTHER_VILLAGE)
    for what, body in DECISIONS:
        assert problem(await post(elsewhere, certificate, what, body)) == (404, "no_such_certificate"), what
    for client in (stranger, elsewhere):
        for page in ("life", "history"):
            answer = await client.get(f"/certificates/{certificate}/{page}")
            assert problem(answer) == (404, "no_such_certificate")
    reviewer = await office.reviewer()
    for what, body in DECISIONS:
        assert problem(await post(reviewer, uuid4(), what, body)) == (404, "no_such_certificate"), what
    assert (await post(await office.anyone(), certificate, "suspend", SUSPENSION)).status_code == 401


async def test_certificates_of_the_police_are_not_a_villages_to_decide_on(office: Office) -> None:
    issued = another(certificate_type="no_criminal_record", catalogue_version=1)
    certificate = await hold(office.department.engine.store, issued)
    village, police = await office.reviewer(), await office.reviewer(role=Role.police_reviewer)
    assert problem(await post(village, certificate, "suspend", SUSPENSION)) == (404, "no_such_certificate")
    assert (await post(police, certificate, "suspend", SUSPENSION)).status_code == 200


async def test_who_no_longer_serves_decides_no_more(office: Office, certificate: UUID) -> None:
    reviewer = await office.reviewer()
    await office.department.give(f"staff-{REVIEWER.id}", appointed(division=OTHER_VILLAGE, at=datetime.now(UTC)))
    assert problem(await post(reviewer, certificate, "suspend", SUSPENSION)) == (404, "no_such_certificate")


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("suspend", {"reason": "bad_mood", "explanation": "无"}, "reason"),
        ("suspend", {"reason": "under_review"}, "explanation"),
        ("suspend", {"reason": "under_review", "explanation": " "}, "explanation"),
        ("revocation", {"reason": "obtained_by_deceit", "explanation": "说" * 501}, "explanation"),
        ("revocation", {"reason": "obtained_by_deceit", "explanation": "无", "at": "noon"}, "at"),
    ],
)
async def test_what_is_wrong_is_named(
    office: Office, certificate: UUID, what: str, body: dict[str, str], field: str
) -> None:
    answer = await post(await office.reviewer(), certificate, what, body)
    assert (answer.status_code, fields(answer)) == (422, {field})


async def test_a_decision_repeated_under_its_key_is_told_the_same(office: Office, certificate: UUID) -> None:
    reviewer = await office.reviewer(key="one")
    first, again = [await post(reviewer, certificate, "suspend", SUSPENSION) for _ in range(2)]
    assert first.json() == again.json()
    assert first.headers["event-id"] == again.headers["event-id"]


async def test_its_history_is_told_to_reviewers_whole_and_to_its_holder_as_far_as_it_was_decided(
    office: Office, certificate: UUID
) -> None:
    await office.department.give(f"staff-{REVIEWER.id}", appointed())
    reviewer, holder = await office.reviewer(), await office.citizen()
    await post(reviewer, certificate, "suspend", SUSPENSION)
    await post(reviewer, certificate, "revocation", PROPOSAL)
    await post(await office.reviewer(TOWNSHIP, COLLEAGUE.id), certificate, "revocation/decline", WORDS)
    await post(reviewer, certificate, "reinstate", WORDS)
    await post(reviewer, certificate, "revocation", PROPOSAL)
    seen = (await reviewer.get(f"/certificates/{certificate}/history")).json()
    assert [one["what"] for one in seen["passages"]] == [
        "issued",
        "suspended",
        "revocation_proposed",
        "revocation_declined",
        "reinstated",
        "revocation_proposed",
    ]
    assert seen["passages"][1]["by_name"] == "审有民"
    his = (await holder.get(f"/certificates/{certificate}/history")).json()
    assert [one["what"] for one in his["passages"]] == ["issued", "suspended", "reinstated"]
    assert (await holder.get(f"/certificates/{certificate}/life")).json()["revocation"] is None
    assert (await reviewer.get(f"/certificates/{certificate}/life")).json()["revocation"] is not None


async def test_what_a_holder_proposed_himself_he_sees(office: Office, certificate: UUID) -> None:
    holder = await office.citizen()
    await post(holder, certificate, "revocation", {"explanation": "不再需要"})
    await post(await office.reviewer(), certificate, "revocation/decline", WORDS)
    his = (await holder.get(f"/certificates/{certificate}/history")).json()
    assert [one["what"] for one in his["passages"]] == ["issued", "revocation_proposed", "revocation_declined"]


async def test_a_division_lists_what_it_issued_page_by_page(office: Office) -> None:
    store = office.department.engine.store
    issued: list[CertificateIssued] = [another() for _ in range(3)]
    for one in (*issued, another(division=OTHER_VILLAGE, citizen=LI)):
        await hold(store, one)
    reviewer = await office.reviewer()
    first = (await reviewer.get("/issued", params={"limit": 2})).json()
    second = (await reviewer.get("/issued", params={"limit": 2, "after": first["next"]})).json()
    listed = [one["certificate"] for page in (first, second) for one in page["certificates"]]
    assert sorted(listed) == sorted(str(one.certificate) for one in issued)
    assert second["next"] is None
    assert first["certificates"][0]["holder_name"] == "张三"
    town = await office.reviewer(TOWNSHIP, COLLEAGUE.id)
    assert len((await town.get("/issued")).json()["certificates"]) == 4
    narrowed = await town.get("/issued", params={"division": OTHER_VILLAGE})
    assert len(narrowed.json()["certificates"]) == 1
    await post(reviewer, issued[0].certificate, "suspend", SUSPENSION)
    suspended = (await town.get("/issued", params={"status": "suspended"})).json()["certificates"]
    assert [one["certificate"] for one in suspended] == [str(issued[0].certificate)]


async def test_a_list_outside_ones_division_is_refused_and_an_empty_one_is_fine(office: Office) -> None:
    reviewer = await office.reviewer()
    assert (await reviewer.get("/issued")).json() == {"certificates": [], "next": None}
    assert problem(await reviewer.get("/issued", params={"division": TOWNSHIP})) == (403, "outside_division")
    assert problem(await reviewer.get("/issued", params={"division": "somewhere"})) == (422, "division_code")
    wrong = await reviewer.get("/issued", params={"status": "lost"})
    assert (wrong.status_code, fields(wrong)) == (422, {"status"})
    assert problem(await (await office.citizen(ZHANG)).get("/issued")) == (403, "role_needed")


async def test_the_body_that_issued_it_reads_what_it_says(office: Office, certificate: UUID) -> None:
    shown = (await (await office.reviewer()).get(f"/certificates/{certificate}")).json()
    assert (shown["certificate"], shown["holder_name"]) == (str(certificate), "张三")
    assert (await (await office.reviewer(role=Role.leader)).get(f"/certificates/{certificate}")).status_code == 200


async def test_of_other_bodies_nobody_reads_what_it_says(office: Office, certificate: UUID) -> None:
    """Of another village, or of the police of the same place; nor does the village read what the police issued."""
    of_police = await hold(office.department.engine.store, another(certificate_type="no_criminal_record"))
    neighbour = await office.reviewer(OTHER_VILLAGE)
    police = await office.reviewer(COUNTY, role=Role.police_reviewer)
    village = await office.reviewer()
    assert (await police.get(f"/certificates/{of_police}")).status_code == 200
    for who, what in ((neighbour, certificate), (police, certificate), (village, of_police), (village, uuid4())):
        assert problem(await who.get(f"/certificates/{what}")) == (404, "no_such_certificate")
