"""Drafts over HTTP: begun, gone on with, handed in or thrown away; nobody else's."""

from typing import Any
from uuid import uuid4

from shared.contracts.identity import Role
from shared.department import drafts
from tests.services.certificates.examples import GIVEN, LI
from tests.services.certificates.office import Office, problem, submission

BEGUN: dict[str, Any] = {"type": "residence", "form": {"purpose": "school_entry"}}


async def test_a_draft_is_saved_gone_on_with_and_deleted(office: Office) -> None:
    citizen, place = await office.citizen(), f"/drafts/{uuid4()}"
    saved = await citizen.put(place, json=BEGUN)
    assert (saved.status_code, saved.json()["type_name"]["zh"]) == (200, "居住证明")
    await citizen.put(place, json={**BEGUN, "form": GIVEN})
    assert (await citizen.get(place)).json()["form"] == GIVEN
    assert len((await citizen.get("/drafts")).json()["drafts"]) == 1
    assert (await citizen.delete(place)).status_code == 204
    assert problem(await citizen.delete(place)) == (404, "no_such_draft")
    assert (await citizen.get("/drafts")).json() == {"drafts": []}


async def test_what_is_wrong_may_stand_in_a_draft_but_it_is_of_something(office: Office) -> None:
    citizen = await office.citizen()
    assert (await citizen.put(f"/drafts/{uuid4()}", json={**BEGUN, "form": {"colour": "red"}})).status_code == 200
    assert problem(await citizen.put(f"/drafts/{uuid4()}", json={**BEGUN, "type": "travel"})) == (404, "unknown_type")
    assert problem(await citizen.put(f"/drafts/{uuid4()}", json={**BEGUN, "type": "kinship"})) == (409, "not_needed")


async def test_anothers_draft_is_as_if_it_were_not_there(office: Office) -> None:
    place = f"/drafts/{uuid4()}"
    await (await office.citizen()).put(place, json=BEGUN)
    stranger = await office.citizen(LI)
    for answer in (await stranger.get(place), await stranger.put(place, json=BEGUN), await stranger.delete(place)):
        assert problem(answer) == (404, "no_such_draft")
    assert (await stranger.get("/drafts")).json() == {"drafts": []}
    window = await office.at(Role.window)
    assert problem(await window.get("/drafts")) == (403, "citizens_only")


async def test_a_draft_ends_with_the_application_that_comes_from_it(office: Office) -> None:
    citizen, draft = await office.citizen(key=str(uuid4())), str(uuid4())
    await citizen.put(f"/drafts/{draft}", json={**BEGUN, "form": GIVEN})
    body = {**submission(), "draft": draft}
    wrong = await citizen.post("/applications", json={**body, "form": {}}, headers={"idempotency-key": "other"})
    assert wrong.status_code == 422
    assert (await citizen.get(f"/drafts/{draft}")).status_code == 200
    for _ in range(2):
        assert (await citizen.post("/applications", json=body)).status_code == 201
    assert problem(await citizen.get(f"/drafts/{draft}")) == (404, "no_such_draft")


async def test_anothers_draft_does_not_end_by_ones_own_application(office: Office) -> None:
    owner, stranger, draft = await office.citizen(), await office.citizen(LI), str(uuid4())
    await owner.put(f"/drafts/{draft}", json=BEGUN)
    assert (await stranger.post("/applications", json={**submission(), "draft": draft})).status_code == 201
    assert (await owner.get(f"/drafts/{draft}")).status_code == 200


async def test_one_keeps_no_more_than_fifty(office: Office) -> None:
    citizen = await office.citizen()
    first = uuid4()
    for draft in (first, *(uuid4() for _ in range(drafts.MOST - 1))):
        assert (await citizen.put(f"/drafts/{draft}", json=BEGUN)).status_code == 200
    assert problem(await citizen.put(f"/drafts/{uuid4()}", json=BEGUN)) == (409, "too_many_drafts")
    assert (await citizen.put(f"/drafts/{first}", json=BEGUN)).status_code == 200
