"""What a case asks again, or takes back, once its paper is issued: one paper holds, or none."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.certificates.domain.application_state import InReview, NotSubmitted
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import Issued, Revoked, Superseded
from shared.contracts.certificates import CertificatesItemRefused, CertificatesItemUndone
from shared.contracts.identity import PersonDied, Role
from shared.messaging import asked_item
from shared.messaging.asked_item import reference
from tests.services.certificates.case_world import (
    CASE,
    FATHER,
    HOSPITAL,
    MOTHER,
    NOW,
    NURSE,
    PAPER,
    World,
    requested,
    withdrawn,
)
from tests.until import until

ITEM = "birth_medical"
ASKED = {**PAPER, **FATHER, "issuing_body": HOSPITAL}


async def is_answered(world: World, attempt: int) -> dict[str, str]:
    async def done() -> bool:
        state = await world.state(ITEM)
        return isinstance(state, asked_item.Done) and state.request.attempt == attempt

    await until(done, what=f"attempt {attempt} is done", timeout=60)
    state = await world.state(ITEM)
    assert isinstance(state, asked_item.Done)
    return dict(state.results)


async def paper(world: World, attempt: int = 1) -> Any:
    return (await world.store.load(CERTIFICATE.stream(paper_id(attempt)), CERTIFICATE)).state


def paper_id(attempt: int = 1) -> UUID:
    return certificate_of(reference(CASE, ITEM, attempt))


async def issue(world: World, attempt: int = 1, **changed: str) -> str:
    await world.ask(requested(ITEM, ITEM, ASKED | changed, attempt=attempt))
    await world.comes_to_stand(ITEM, InReview, attempt)
    await world.approve(ITEM, Role.health_reviewer, NURSE, attempt)
    return (await is_answered(world, attempt))["certificate"]


async def test_asked_again_with_another_name_it_takes_the_papers_place(world: World) -> None:
    old = await issue(world)
    new = await issue(world, 2, child_name="寓大满")
    before, after = await paper(world), await paper(world, 2)
    assert isinstance(before, Superseded)
    assert (before.by, before.by_identifier) == (paper_id(2), new)
    assert isinstance(after, Issued)
    assert after.as_issued.content["child_name"] == "寓大满"
    assert (after.as_issued.replaces_identifier, after.as_issued.number != before.as_issued.number) == (old, True)


async def test_asked_again_for_the_same_the_paper_of_today_is_named(world: World) -> None:
    old = await issue(world)
    await world.ask(requested(ITEM, ITEM, ASKED, attempt=2))
    assert (await is_answered(world, 2))["certificate"] == old
    assert isinstance(await world.application(ITEM, 2), NotSubmitted)


async def test_what_is_asked_for_no_more_is_on_the_new_paper_no_more(world: World) -> None:
    await issue(world)
    await world.ask(requested(ITEM, ITEM, {**PAPER, "issuing_body": HOSPITAL}, attempt=2))
    application = await world.comes_to_stand(ITEM, InReview, 2)
    assert "father_name" not in application.of.form


async def test_after_a_refusal_the_paper_that_stands_is_still_replaced(world: World) -> None:
    await issue(world)
    await world.ask(requested(ITEM, ITEM, ASKED | {"child_name": "寓大满"}, attempt=2))
    await world.comes_to_stand(ITEM, InReview, 2)
    refusal = {"reason": "与分娩记录不符"}
    await (await world.nurse()).post(f"/applications/{reference(CASE, ITEM, 2)}/refuse", json=refusal)
    await world.comes_to(ITEM, CertificatesItemRefused)
    assert isinstance(await paper(world), Issued)
    await issue(world, 3, child_name="寓中满")
    assert isinstance(await paper(world), Superseded)
    assert isinstance(await paper(world, 3), Issued)


@pytest.mark.parametrize("undo", [True, False])
async def test_what_a_stopped_case_takes_back_is_void(world: World, undo: bool) -> None:
    await issue(world)
    await issue(world, 2, child_name="寓大满")
    await world.ask(withdrawn(ITEM, undo=undo))
    undone = await world.comes_to(ITEM, CertificatesItemUndone)
    after = await paper(world, 2)
    assert (undone.left is None) == undo
    assert isinstance(after, Revoked if undo else Issued)
    if isinstance(after, Revoked):
        assert (after.reason, after.decided_by) == ("case_stopped", None)
        assert "作废" in after.explanation


async def test_where_the_mother_died_the_family_is_told_whom_to_turn_to(world: World) -> None:
    died = PersonDied(person=MOTHER, died_on=date(2023, 12, 23), recorded_at=NOW)
    await world.office.department.give(f"person-{MOTHER}", died)
    await world.ask(requested(ITEM, ITEM, ASKED))
    refused = await world.comes_to(ITEM, CertificatesItemRefused)
    assert (refused.code, refused.may_retry) == ("applicant_died", False)
    assert "正定县妇幼保健院" in refused.reason.zh
