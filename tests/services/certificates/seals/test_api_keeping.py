"""What keepers of seals may do over HTTP, and may not."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.contracts.identity import Role, StaffDismissed
from tests.department import Department
from tests.services.certificates.examples import (
    COMMITTEE,
    CREDIT_CODE,
    NOW,
    OTHER_VILLAGE,
    REVIEWER,
    SILENT_VILLAGE,
    VILLAGE,
)
from tests.services.certificates.office import Office, event_ids, fields, problem
from tests.services.certificates.seals import desk
from tests.services.certificates.seals.examples import COUNTY, KEEPER, OTHER_KEEPER
from tests.services.certificates.seals.test_images import png

# 22 Chinese characters are 66 bytes; RFC 5280 counts characters, of which 64 are allowed
pytestmark = pytest.mark.filterwarnings("ignore:Attribute's length must be")

REASON = {"reason": "印章管理员离任"}


async def test_a_seal_is_applied_for_made_and_registered_by_another(office: Office) -> None:
    first, second = await desk.keeper(office), await desk.keeper(office, OTHER_KEEPER.id)
    answer = await first.post("/seals", json=desk.VILLAGE_SEAL)
    assert (answer.status_code, answer.json()["status"]) == (201, "applied")
    assert (answer.json()["owner_name"], answer.json()["owner_code"]) == (COMMITTEE, CREDIT_CODE)
    seal = answer.json()["seal"]
    answer = await first.post(f"/seals/{seal}/make", json={})
    assert (answer.status_code, answer.json()["status"], len(event_ids(answer))) == (200, "made", 1)
    assert problem(await first.post(f"/seals/{seal}/register")) == (403, "another_must_register")
    answer = await second.post(f"/seals/{seal}/register")
    assert (answer.status_code, answer.json()["status"]) == (200, "in_use")


async def test_a_signature_is_in_the_name_of_an_appointed_officer(department: Department, office: Office) -> None:
    keeper = await desk.keeper(office)
    assert problem(await keeper.post("/seals", json=desk.SIGNATURE)) == (404, "no_such_staff")
    await desk.appointed(department)
    wrong = await keeper.post("/seals", json={**desk.SIGNATURE, "name": "别人"})
    assert (problem(wrong), fields(wrong)) == ((422, "wrong_name"), {"name"})
    answer = await keeper.post("/seals", json=desk.SIGNATURE)
    assert (answer.status_code, answer.json()["owner_name"]) == (201, "审有民")
    made = await keeper.post(f"/seals/{answer.json()['seal']}/make", json={})
    certificate = x509.load_pem_x509_certificate(made.json()["certificates"][0].encode())
    assert f"O={COMMITTEE}" in certificate.subject.rfc4514_string()


async def test_a_dismissed_officer_or_keeper_is_not_there_any_more(department: Department, office: Office) -> None:
    await desk.appointed(department)
    await department.give(f"staff-{REVIEWER.id}", StaffDismissed(staff=REVIEWER.id, dismissed_at=NOW))
    keeper = await desk.keeper(office)
    assert problem(await keeper.post("/seals", json=desk.SIGNATURE)) == (404, "no_such_staff")
    await desk.appointed(department, KEEPER.id, "印守信", COUNTY, datetime.now(UTC))  # as a reviewer now
    assert problem(await keeper.post("/seals", json=desk.VILLAGE_SEAL)) == (403, "role_needed")


async def test_an_officer_of_another_county_is_not_there(department: Department, office: Office) -> None:
    await desk.appointed(department, division="130102001001")
    keeper = await desk.keeper(office)
    assert problem(await keeper.post("/seals", json=desk.SIGNATURE)) == (404, "no_such_staff")


async def test_an_officer_may_hand_in_his_own_hand(department: Department, office: Office) -> None:
    await desk.appointed(department)
    keeper = await desk.keeper(office)
    seal = await desk.applied(keeper, desk.SIGNATURE)
    for broken in ("", "???", base64.b64encode(b"GIF89a").decode()):
        answer = await keeper.post(f"/seals/{seal}/make", json={"picture": broken})
        assert (problem(answer), fields(answer)) == ((422, "no_png"), {"picture"})
    large = await keeper.post(f"/seals/{seal}/make", json={"picture": base64.b64encode(bytes(200_001)).decode()})
    assert (problem(large), fields(large)) == ((422, "picture_too_large"), {"picture"})
    await keeper.post(f"/seals/{seal}/make", json={"picture": base64.b64encode(png()).decode()})
    kept = await department.engine.pool.fetch("select content from files where media = 'image/svg+xml'")
    assert any(b"data:image/png" in row["content"] for row in kept)
    assert problem(await (await office.anyone()).get(f"/seals/{seal}/image")) == (404, "signature_not_shown")


async def test_a_bodys_seal_is_drawn_and_not_handed_in(office: Office) -> None:
    keeper = await desk.keeper(office)
    seal = await desk.applied(keeper)
    answer = await keeper.post(f"/seals/{seal}/make", json={"picture": base64.b64encode(png()).decode()})
    assert (problem(answer), fields(answer)) == ((422, "seals_are_drawn"), {"picture"})


@pytest.mark.parametrize(
    ("wanted", "status", "code", "named"),
    [
        ({"kind": "seal"}, 422, "division_needed", {"division"}),
        ({"kind": "signature"}, 422, "staff_needed", {"staff"}),
        ({"kind": "stamp"}, 422, "invalid", {"kind"}),
        ({"kind": "seal", "division": SILENT_VILLAGE}, 422, "credit_code_needed", {"credit_code"}),
        ({"kind": "seal", "division": VILLAGE, "credit_code": "54130123ME000124XX"}, 422, "invalid", {"credit_code"}),
        ({"kind": "seal", "division": OTHER_VILLAGE, "credit_code": CREDIT_CODE}, 422, "code_of_another_body", None),
        ({"kind": "seal", "division": VILLAGE, "name": "塔元庄村村委会"}, 422, "wrong_name", {"name"}),
        ({"kind": "seal", "division": "130123999999"}, 422, "unknown_division", None),
    ],
)
async def test_what_cannot_be_a_seal_is_named(
    office: Office, wanted: dict[str, Any], status: int, code: str, named: set[str] | None
) -> None:
    answer = await (await desk.keeper(office)).post("/seals", json=wanted)
    assert problem(answer) == (status, code)
    assert named is None or fields(answer) == named


async def test_a_body_that_the_catalogue_does_not_know_comes_with_its_code(office: Office) -> None:
    keeper = await desk.keeper(office)
    township = {"kind": "seal", "division": "130123100000", "credit_code": "11370800MB28559184"}
    assert problem(await keeper.post("/seals", json=township)) == (422, "name_needed")
    answer = await keeper.post("/seals", json={**township, "name": "正定县正定镇人民政府"})
    assert (answer.status_code, answer.json()["owner_name"]) == (201, "正定县正定镇人民政府")


async def test_a_keeper_of_another_village_can_do_nothing_with_it(office: Office) -> None:
    seal = await desk.made(await desk.keeper(office))
    stranger = await desk.keeper(office, uuid4(), OTHER_VILLAGE)
    assert problem(await stranger.post("/seals", json=desk.VILLAGE_SEAL)) == (403, "outside_division")
    for step, body in (("make", {}), ("register", {}), ("stop", REASON), ("resume", {}), ("cancel", REASON)):
        assert problem(await stranger.post(f"/seals/{seal}/{step}", json=body)) == (403, "outside_division")
    assert problem(await stranger.get(f"/seals/{seal}/uses")) == (403, "outside_division")


async def test_only_keepers_keep_seals(office: Office) -> None:
    seal = await desk.made(await desk.keeper(office))
    for caller in (
        await office.reviewer(has_seals=False),
        await office.reviewer(role=Role.administrator),
        await office.citizen(),
    ):
        assert problem(await caller.post("/seals", json=desk.VILLAGE_SEAL)) == (403, "role_needed")
        assert problem(await caller.post(f"/seals/{seal}/register")) == (403, "role_needed")
        assert problem(await caller.post("/seals/import", json={"rows": []})) == (403, "role_needed")
        assert problem(await caller.get(f"/seals/{seal}/uses")) == (403, "role_needed")
    assert problem(await (await office.anyone()).post("/seals", json=desk.VILLAGE_SEAL)) == (401, "token_missing")


async def test_a_stopped_seal_is_resumed_and_a_cancelled_one_followed_by_a_new_one(office: Office) -> None:
    seal = await desk.in_use(office)
    keeper = await desk.keeper(office)
    nothing_said = await keeper.post(f"/seals/{seal}/stop", json={"reason": " "})
    assert (problem(nothing_said), fields(nothing_said)) == ((422, "nothing_said"), {"reason"})
    stopped = (await keeper.post(f"/seals/{seal}/stop", json=REASON)).json()
    assert (stopped["status"], stopped["reason"]) == ("stopped", REASON["reason"])
    assert problem(await keeper.post("/seals", json=desk.VILLAGE_SEAL)) == (409, "already_living")
    assert (await keeper.post(f"/seals/{seal}/resume")).json()["status"] == "in_use"
    assert (await keeper.post(f"/seals/{seal}/cancel", json=REASON)).json()["status"] == "cancelled"
    assert problem(await keeper.post(f"/seals/{seal}/resume")) == (409, "seal_cancelled")
    assert await desk.applied(keeper) != seal


async def test_a_seal_that_does_not_exist_is_not_found(office: Office) -> None:
    keeper = await desk.keeper(office)
    for step, body in (("make", {}), ("register", {}), ("stop", REASON), ("resume", {}), ("cancel", REASON)):
        assert problem(await keeper.post(f"/seals/{uuid4()}/{step}", json=body)) == (404, "no_such_seal")


async def test_two_who_make_it_at_once_make_one_key(department: Department, office: Office) -> None:
    keeper = await desk.keeper(office)
    seal = await desk.applied(keeper)
    answers = await asyncio.gather(*(keeper.post(f"/seals/{seal}/make", json={}) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({(*answer.json()["certificates"], answer.json()["sm2_public_key"]) for answer in answers}) == 1
    assert sum(len(event_ids(answer)) for answer in answers) == 1
    kept = await department.engine.pool.fetch("select name, public_key from sealed_keys where name like 'seal-%'")
    certificate = x509.load_pem_x509_certificate(answers[0].json()["certificates"][0].encode())
    certified = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert {row["name"]: row["public_key"] for row in kept} == {
        f"seal-{seal}": certified,
        f"seal-{seal}-sm2": answers[0].json()["sm2_public_key"],
    }


async def test_two_who_apply_at_once_apply_for_one(office: Office) -> None:
    first, second = await desk.keeper(office), await desk.keeper(office, OTHER_KEEPER.id)
    answers = await asyncio.gather(*(one.post("/seals", json=desk.VILLAGE_SEAL) for one in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_repeated_request_gives_the_first_answer(office: Office) -> None:
    keyed = await desk.keeper(office, KEEPER.id, key="a-key-of-the-keeper")
    first = await keyed.post("/seals", json=desk.VILLAGE_SEAL)
    await (await desk.keeper(office)).post(f"/seals/{first.json()['seal']}/cancel", json=REASON)
    again = await keyed.post("/seals", json=desk.VILLAGE_SEAL)
    assert (again.status_code, event_ids(again)) == (201, event_ids(first))
    other = await keyed.post("/seals", json={"kind": "signature", "staff": str(REVIEWER.id)})
    assert problem(other) == (422, "idempotency_key_reused")
