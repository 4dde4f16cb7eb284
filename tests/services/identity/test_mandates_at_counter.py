"""Mandates of people without a phone: an officer records what they say, their card in hand."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.identity.use_cases.mandates import Mandates, Offer, Officer
from shared.contracts.errors import Invalid
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Context
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import PINGNAN_VILLAGE
from tests.services.identity.office import Office, code, someone
from tests.services.identity.test_mandates_api import IN_A_MONTH, Family, family, offer


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


async def test_a_registrar_serves_their_own_division(identity: Office) -> None:
    """The same answer as for nobody; a window serves anybody."""
    grandmother, them = await a_grandmother(identity, division=PINGNAN_VILLAGE)
    body = at_counter(grandmother, them.sons)
    async with await identity.desk(Role.registrar) as desk:
        elsewhere = await desk.post("/counter/mandates", json=body)
        nobody = await desk.post("/counter/mandates", json=at_counter(someone(), them.sons))
    assert code(elsewhere) == (422, "wrong_principal")
    assert elsewhere.json()["detail"] == nobody.json()["detail"]
    async with await identity.desk(Role.window) as desk:
        assert (await desk.post("/counter/mandates", json=body)).status_code == 201


async def test_an_officer_records_none_to_themselves(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    mandates = Mandates(identity.household, identity.department.engine.pool)
    entry = await mandates.somebody(grandmother["name"], IdNumber(grandmother["id_number"]))
    principal = await mandates.party(entry.person)
    day = date.fromisoformat(IN_A_MONTH)
    offered = Offer(them.sons["name"], IdNumber(them.sons["id_number"]), ("insurance.read",), day)
    with pytest.raises(Invalid, match="wrong_agent"):
        await mandates.give(principal, offered, datetime.now(UTC), Context(), Officer(uuid4(), them.son))


async def test_an_officer_ends_no_mandate_of_another(identity: Office) -> None:
    grandmother, them = await a_grandmother(identity)
    mandate = await them.given()
    async with await identity.desk(Role.window) as desk:
        answer = await desk.post(f"/counter/mandates/{mandate}/end", json=present(grandmother))
    assert code(answer) == (404, "no_such_mandate")
