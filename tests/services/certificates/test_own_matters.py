"""Whose applications and certificates a member of staff sees: by role, division and kind of matter."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.certificates.domain.issuer import IssuerClass
from shared.contracts.identity import Role
from shared.standards.divisions import WHOLE_COUNTRY
from tests.services.certificates.examples import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.services.certificates.lives import another, hold
from tests.services.certificates.office import Office, apply, problem
from tests.services.certificates.test_notice import applied

CITY = "130100000000"
ACTS: list[tuple[str, Any]] = [
    ("claim", None),
    ("release", None),
    ("approve", None),
    ("refuse", {"reason": "不符"}),
    ("send-back", {"wrong_fields": {"phone": "请核对"}}),
    ("messages", {"text": "您好"}),
]
ACTS_OF_LIFE: list[tuple[str, Any]] = [
    ("suspend", {"reason": "under_review", "explanation": "有人反映情况不实"}),
    ("reinstate", {"explanation": "无误"}),
    ("revocation", {"reason": "obtained_by_deceit", "explanation": "伪造"}),
    ("revocation/confirm", None),
    ("revocation/decline", {"explanation": "证据不足"}),
    ("correct", {"form": {}, "reason": "有误"}),
]
SEEN_BY: list[tuple[frozenset[Role], str, frozenset[IssuerClass]]] = [
    (frozenset({Role.reviewer}), VILLAGE, frozenset({"village"})),
    (frozenset({Role.reviewer}), TOWNSHIP, frozenset({"village"})),
    (frozenset({Role.reviewer}), COUNTY, frozenset({"village"})),
    (frozenset({Role.reviewer}), OTHER_VILLAGE, frozenset()),
    (frozenset({Role.police_reviewer}), COUNTY, frozenset({"police"})),
    (frozenset({Role.police_reviewer}), CITY, frozenset({"police"})),
    (frozenset({Role.police_reviewer}), WHOLE_COUNTRY, frozenset({"police"})),
    (frozenset({Role.police_reviewer}), VILLAGE, frozenset()),
    (frozenset({Role.police_reviewer}), "350300000000", frozenset()),
    (frozenset({Role.health_reviewer}), COUNTY, frozenset()),
    (frozenset({Role.insurance_clerk}), COUNTY, frozenset()),
    (frozenset({Role.social_security_clerk}), WHOLE_COUNTRY, frozenset()),
    (frozenset({Role.leader}), VILLAGE, frozenset({"village"})),
    (frozenset({Role.leader}), TOWNSHIP, frozenset({"village"})),
    (frozenset({Role.leader}), COUNTY, frozenset({"village"})),
    (frozenset({Role.leader, Role.police_reviewer}), COUNTY, frozenset({"police"})),
    (frozenset({Role.leader, Role.health_reviewer}), COUNTY, frozenset()),
    (frozenset({Role.leader, Role.reviewer}), TOWNSHIP, frozenset({"village"})),
    (frozenset({Role.reviewer, Role.police_reviewer}), COUNTY, frozenset({"village", "police"})),
]


@dataclass(frozen=True)
class Matter:
    """An application under review, and a certificate issued long ago."""

    application: str
    certificate: UUID


async def matters(office: Office) -> dict[IssuerClass, Matter]:
    store, citizen = office.department.engine.store, await office.citizen()
    of_police = another(certificate_type="no_criminal_record", division=COUNTY)
    return {
        "village": Matter(await apply(citizen), await hold(store, another())),
        "police": Matter(await applied(citizen), await hold(store, of_police)),
    }


@pytest.mark.parametrize(("roles", "division", "seen"), SEEN_BY)
async def test_staff_see_their_own_matters_and_no_others(
    office: Office, roles: frozenset[Role], division: str, seen: frozenset[IssuerClass]
) -> None:
    of_class = await matters(office)
    staff = await office.staff(division, *roles)
    for issuer, matter in of_class.items():
        expected = [200] * 5 if issuer in seen else [404] * 5
        assert [(await staff.get(path)).status_code for path in items(matter)] == expected, issuer
        if issuer not in seen:
            await assert_nothing_is_done(staff, matter)
    assert await issued(staff) == {str(of_class[issuer].certificate) for issuer in seen}
    assert await waiting(staff) <= {of_class[issuer].application for issuer in seen}
    if Role.leader in roles:
        figures = (await staff.get("/review-queue/figures")).json()
        assert figures["figures"]["waiting"] == len(seen)
        assert sum(one["figures"]["waiting"] for one in figures["below"]) == len(seen)


def items(matter: Matter) -> list[str]:
    return [
        f"/applications/{matter.application}",
        f"/applications/{matter.application}/messages",
        f"/certificates/{matter.certificate}",
        f"/certificates/{matter.certificate}/life",
        f"/certificates/{matter.certificate}/history",
    ]


async def assert_nothing_is_done(staff: httpx.AsyncClient, matter: Matter) -> None:
    path = f"/applications/{matter.application}"
    for act, body in ACTS:
        assert problem(await staff.post(f"{path}/{act}", json=body)) == (404, "no_such_application"), act
    for looked_at in ("notice", "evidence/lease", "evidence/mandate"):
        assert problem(await staff.get(f"{path}/{looked_at}")) == (404, "no_such_application"), looked_at
    certificate = f"/certificates/{matter.certificate}"
    for act, body in ACTS_OF_LIFE:
        assert problem(await staff.post(f"{certificate}/{act}", json=body)) == (404, "no_such_certificate"), act


async def issued(staff: httpx.AsyncClient) -> set[str]:
    return {one["certificate"] for one in (await staff.get("/issued")).json()["certificates"]}


async def waiting(staff: httpx.AsyncClient) -> set[str]:
    return {one["application"] for one in (await staff.get("/review-queue")).json()["waiting"]}


async def test_a_leader_sees_the_figures_of_their_own_reviewers_only(office: Office) -> None:
    of_class = await matters(office)
    village, police = await office.reviewer(), await office.staff(COUNTY, Role.police_reviewer)
    await village.post(f"/applications/{of_class['village'].application}/refuse", json={"reason": "不在本村居住"})
    assert (await police.post(f"/applications/{of_class['police'].application}/claim")).status_code == 200
    decided = {
        kind: (await (await office.staff(COUNTY, *roles)).get("/review-queue/figures")).json()["figures"]
        for kind, roles in (("village", [Role.leader]), ("police", [Role.leader, Role.police_reviewer]))
    }
    assert (decided["village"]["decided_today"], decided["village"]["waiting"]) == (1, 0)
    assert (decided["police"]["decided_today"], decided["police"]["waiting"]) == (0, 1)
