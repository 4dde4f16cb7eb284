"""Mandates of people without a phone: an officer records what they say, their card in hand."""

from typing import Any

import pytest

from shared.contracts.identity import Role
from tests.services.identity.examples import PINGNAN_VILLAGE
from tests.services.identity.office import Office, code, someone
from tests.services.identity.test_mandates_api import Family, family, offer


def at_counter(principal: dict[str, str], agent: dict[str, str], /, **changes: object) -> dict[str, Any]:
    return {**offer(agent), **present(principal), **changes}


def present(principal: dict[str, str], *, card_seen: bool = True) -> dict[str, Any]:
    named = {"name": principal["name"], "id_number": principal["id_number"]}
    return {"principal": named, "card_seen": card_seen}


async def a_grandmother(identity: Office, **changes: str) -> tuple[dict[str, str], Family]:
    """In the register, without an account."""
    grandmother = someone(name="韦老人", **changes)
    await identity.enter(grandmother)
    return grandmother, await family(identity)


async def test_an_officer_records_and_the_agent_accepts(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    async with await identity.desk(Role.window) as desk:
        given = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons))
    assert given.status_code == 201, given.text
    [seen] = (await them.mine(them.son))["received"]
    assert (seen["principal_name"], seen["at_counter"]) == ("韦老人", True)
    assert (await them.post(them.son, seen["mandate"], "accept")).status_code == 200


async def test_it_is_ended_at_a_counter_too(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    async with await identity.desk(Role.registrar) as desk:
        given = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons))
        found = await desk.post("/counter/mandates/find", json=present(grandmother))
        assert [one["mandate"] for one in found.json()["given"]] == [given.json()["mandate"]]
        ended = await desk.post(f"/counter/mandates/{given.json()['mandate']}/end", json=present(grandmother))
    assert (ended.json()["status"], ended.json()["reason"]) == ("ended", "by_principal")


async def test_without_the_card_nothing_is_recorded(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    async with await identity.desk(Role.window) as desk:
        answer = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons, card_seen=False))
    assert code(answer) == (422, "wrong_card_seen")


async def test_other_roles_record_none(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    async with await identity.desk(Role.reviewer) as desk:
        answer = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons))
    assert code(answer) == (403, "role_needed")


@pytest.mark.parametrize("role", [Role.registrar, Role.window])
async def test_an_officer_serves_their_own_division(identity: Office, role: Role) -> None:
    """The same answer as for nobody."""
    grandmother, them = await a_grandmother(identity, division=PINGNAN_VILLAGE)
    async with await identity.desk(role) as desk:
        elsewhere = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons))
        nobody = await desk.post("/counter/mandates", json=at_counter(someone(), them.sons))
    assert code(elsewhere) == (422, "wrong_principal")
    assert elsewhere.json()["detail"] == nobody.json()["detail"]


async def test_an_officer_records_none_to_themselves(identity: Office) -> None:
    """With an account and without, under whatever name."""
    grandmother, them = await a_grandmother(identity)
    stranger = someone(name="窗迎客")
    await identity.enter(stranger)
    for agent in (them.sons, stranger, someone()):
        async with await identity.desk_of(agent, Role.window) as desk:
            answer = await desk.post("/counter/mandates", json=at_counter(grandmother, {**agent, "name": "王某人"}))
        assert code(answer) == (422, "wrong_agent")
        assert "An officer records no mandate to themselves" in answer.text


async def test_an_officer_records_none_of_their_own(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    async with await identity.desk_of(grandmother, Role.window) as desk:
        answer = await desk.post("/counter/mandates", json=at_counter(grandmother, them.sons))
    assert code(answer) == (409, "not_ones_own_matter")


async def test_an_officer_ends_no_mandate_of_another(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    mandate = await them.given()
    async with await identity.desk(Role.window) as desk:
        answer = await desk.post(f"/counter/mandates/{mandate}/end", json=present(grandmother))
    assert code(answer) == (404, "no_such_mandate")
