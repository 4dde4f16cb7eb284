"""A birth that is too close to another one of its mother waits for two officers, and the case is told."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from services.identity.births import HELD, HELD_FOR_PROOF, Births
from services.identity.register_rules_file import REGISTER_RULES
from shared.contracts.cases import IdentityItemRequested
from shared.contracts.identity import (
    IdentityItemRefused,
    IdentityItemUndone,
    IdentityItemWaiting,
    Role,
)
from shared.messaging.asked_item import reference
from tests.services.identity.examples import PINGNAN_VILLAGE
from tests.services.identity.office import Office, code
from tests.services.identity.test_births import DAY, ask, child_of, desk_of, last, parents, requested, withdrawn

NEXT_DAY = (DAY + timedelta(days=1)).isoformat()


async def held(identity: Office) -> tuple[UUID, IdentityItemRequested, dict[str, str]]:
    """The newborn that is held, its request, and the parents."""
    of = await parents(identity)
    await ask(identity, requested(of))
    await desk_of(identity).work()
    again = requested(of, birth_date=NEXT_DAY)
    await ask(identity, again)
    await desk_of(identity).work()
    return identity.pseudonyms.newborn(reference(again.case, again.item)), again, of


async def decide(identity: Office, newborn: UUID, decision: str) -> httpx.Response:
    body = {"decision": decision, "reason": "已核对医院分娩记录。"}
    async with await identity.desk(Role.registrar) as one, await identity.desk(Role.registrar) as other:
        proposed = await one.post(f"/births/held/{newborn}/decision", json=body)
        assert proposed.status_code == 201, proposed.text
        seen = {"proposal": proposed.json()["proposal"]}
        alone = await one.post(f"/births/held/{newborn}/decision/confirm", json=seen)
        assert code(alone) == (409, "another_officer_needed")
        return await other.post(f"/births/held/{newborn}/decision/confirm", json=seen)


async def test_the_same_child_a_day_later_is_held_and_told(new_identity: Office) -> None:
    newborn, request, _ = await held(new_identity)
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemWaiting)
    assert answer.waits_for == HELD
    async with await new_identity.desk(Role.registrar) as desk:
        [shown] = (await desk.get("/births/held")).json()["births"]
    assert (shown["newborn"], shown["mother_name"], len(shown["beside"])) == (str(newborn), "季试用", 1)
    assert shown["reasons"][0]["zh"]
    async with await new_identity.desk(Role.registrar, division=PINGNAN_VILLAGE) as far:
        assert (await far.get("/births/held")).json()["births"] == []
        body = {"decision": "release", "reason": "x"}
        assert code(await far.post(f"/births/held/{newborn}/decision", json=body)) == (404, "not_held")


async def test_a_parentage_test_is_held_for_two_who_see_its_number(new_identity: Office) -> None:
    births = Births(new_identity.household, lambda: datetime(2023, 12, 24, 10, tzinfo=UTC), REGISTER_RULES[1:])
    desk = desk_of(new_identity, births)
    of = await parents(new_identity)
    proof = {"parentage_proof": "冀鉴[2023]12号", "division": ""}
    request = requested(of, way="acknowledged", householder="father", **proof)
    await ask(new_identity, request)
    await desk.work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemWaiting)
    assert answer.waits_for == HELD_FOR_PROOF
    async with await new_identity.desk(Role.registrar) as officer:
        [shown] = (await officer.get("/births/held")).json()["births"]
    assert (shown["parentage_proof"], shown["beside"]) == ("冀鉴[2023]12号", [])
    await decide(new_identity, UUID(shown["newborn"]), "release")
    await desk.work()
    assert str((await child_of(new_identity, request)).person) == shown["newborn"]


async def test_two_release_it_and_it_is_entered(new_identity: Office) -> None:
    newborn, request, _ = await held(new_identity)
    answer = await decide(new_identity, newborn, "release")
    assert (answer.status_code, answer.json()["is_over"]) == (200, True)
    await desk_of(new_identity).work()
    assert (await child_of(new_identity, request)).person == newborn


async def test_two_refuse_it_and_the_case_ends(new_identity: Office) -> None:
    newborn, request, _ = await held(new_identity)
    await decide(new_identity, newborn, "refuse")
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemRefused)
    assert (answer.code, answer.may_retry) == ("refused_by_two", False)
    assert "已核对医院分娩记录" in answer.reason.zh


async def test_what_was_sent_back_is_mended_by_a_retry(new_identity: Office) -> None:
    newborn, request, _ = await held(new_identity)
    await decide(new_identity, newborn, "send_back")
    await desk_of(new_identity).work()
    answer = await last(new_identity, request.case)
    assert isinstance(answer, IdentityItemRefused)
    assert (answer.code, answer.may_retry) == ("sent_back_by_two", True)
    inputs = {**request.inputs, "birth_order": "second"}
    await ask(new_identity, request.model_copy(update={"attempt": 2, "inputs": inputs}))
    await desk_of(new_identity).work()
    assert (await child_of(new_identity, request)).person == newborn


async def test_one_that_is_withdrawn_leaves_the_list(new_identity: Office) -> None:
    newborn, request, _ = await held(new_identity)
    await ask(new_identity, withdrawn(request.case))
    await desk_of(new_identity).work()
    assert isinstance(await last(new_identity, request.case), IdentityItemUndone)
    async with await new_identity.desk(Role.registrar) as desk:
        assert (await desk.get("/births/held")).json()["births"] == []
        body = {"decision": "release", "reason": "x"}
        assert code(await desk.post(f"/births/held/{newborn}/decision", json=body)) == (404, "not_held")


async def test_a_relative_does_not_decide(new_identity: Office) -> None:
    newborn, _, of = await held(new_identity)
    async with await new_identity.desk_of({"id_number": of["mother_id_number"]}, Role.registrar) as desk:
        body = {"decision": "release", "reason": "x"}
        answer = await desk.post(f"/births/held/{newborn}/decision", json=body)
    assert code(answer) == (409, "not_ones_own_matter")
