"""Mandates over HTTP: a mother lets her son act for her."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.contracts.matters import MATTERS
from shared.standards.shanghai import day_in_shanghai
from tests.services.identity.office import Office, code, fields, someone

IN_A_MONTH = (day_in_shanghai(datetime.now(UTC)) + timedelta(days=30)).isoformat()


def offer(agent: dict[str, str], /, **changes: object) -> dict[str, Any]:
    named = {"name": agent["name"], "id_number": agent["id_number"]}
    return {"agent": named, "matters": ["insurance.read"], "until": IN_A_MONTH, **changes}


class Family:
    """A mother and a son with verified accounts."""

    def __init__(self, office: Office, mother: UUID, son: UUID, sons: dict[str, str]) -> None:
        self.office, self.mother, self.son, self.sons = office, mother, son, sons

    def client(self, person: UUID, **headers: str) -> httpx.AsyncClient:
        return self.office.client(self.office.department.token("citizen", person), **headers)

    async def given(self, **changes: object) -> UUID:
        async with self.client(self.mother) as client:
            answer = await client.post("/mandates", json=offer(self.sons, **changes))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["mandate"])

    async def post(self, person: UUID, mandate: UUID, act: str) -> httpx.Response:
        async with self.client(person) as client:
            return await client.post(f"/mandates/{mandate}/{act}")

    async def mine(self, person: UUID) -> dict[str, Any]:
        async with self.client(person) as client:
            answer = await client.get("/mandates")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def family(office: Office) -> Family:
    sons = someone(name="韦大山")
    return Family(office, await office.register(someone(name="韦示例")), await office.register(sons), sons)


async def test_the_agent_finds_accepts_and_may_end_it(identity: Office) -> None:
    them = await family(identity)
    mandate = await them.given()
    [seen] = (await them.mine(them.son))["received"]
    assert (seen["mandate"], seen["status"], seen["principal_name"]) == (str(mandate), "offered", "韦示例")
    assert seen["matters"][0]["code"] == "insurance.read"
    accepted = await them.post(them.son, mandate, "accept")
    assert accepted.json()["status"] == "accepted"
    assert accepted.json()["agent"] == str(them.son)
    ended = await them.post(them.son, mandate, "end")
    assert (ended.json()["status"], ended.json()["reason"]) == ("ended", "by_agent")
    [given] = (await them.mine(them.mother))["given"]
    assert given["status"] == "ended"


async def test_the_principal_ends_it_at_once(identity: Office) -> None:
    them = await family(identity)
    mandate = await them.given()
    await them.post(them.son, mandate, "accept")
    assert (await them.post(them.mother, mandate, "end")).json()["reason"] == "by_principal"
    assert code(await them.post(them.son, mandate, "accept")) == (409, "mandate_over")


async def test_declined_it_is_over(identity: Office) -> None:
    them = await family(identity)
    mandate = await them.given()
    assert (await them.post(them.son, mandate, "decline")).json()["status"] == "declined"
    assert code(await them.post(them.son, mandate, "accept")) == (409, "mandate_over")


async def test_the_answer_does_not_tell_whether_the_agent_exists(identity: Office) -> None:
    """An account, an entry without one, another name for a number, nobody at all."""
    them = await family(identity)
    entered = someone(name="李建国")
    await identity.enter(entered)
    agents = [them.sons, entered, {**them.sons, "name": "李建国"}, someone(name="李建国")]
    answers = []
    for agent in agents:
        mother = await identity.register(someone(name="韦示例"))
        async with them.client(mother) as client:
            answers.append(await client.post("/mandates", json=offer(agent)))
    assert {answer.status_code for answer in answers} == {201}
    shown = [{**one.json(), "mandate": "", "principal": "", "agent_name": ""} for one in answers]
    assert all(one == shown[0] for one in shown)
    assert len({len(answer.headers["event-id"]) for answer in answers}) == 1


async def test_another_name_for_a_number_reaches_nobody(identity: Office) -> None:
    them = await family(identity)
    await them.given(agent={"name": "李建国", "id_number": them.sons["id_number"]})
    assert (await them.mine(them.son))["received"] == []


async def test_who_is_verified_later_finds_it_then(identity: Office) -> None:
    them = await family(identity)
    later = someone(name="李建国")
    mandate = await them.given(agent={"name": later["name"], "id_number": later["id_number"]})
    person = await identity.register(later)
    [seen] = (await them.mine(person))["received"]
    assert seen["mandate"] == str(mandate)
    assert (await them.post(person, mandate, "accept")).status_code == 200


async def test_a_third_person_sees_and_does_nothing(identity: Office) -> None:
    them = await family(identity)
    mandate = await them.given()
    third = await identity.register(someone())
    assert await them.mine(third) == {"given": [], "received": []}
    for act in ("accept", "decline", "end"):
        assert code(await them.post(third, mandate, act)) == (404, "no_such_mandate")


async def test_an_account_without_proof_gives_none(identity: Office) -> None:
    token = identity.department.token("citizen", uuid4(), level="account")
    async with identity.client(token) as client:
        assert code(await client.post("/mandates", json=offer(someone()))) == (403, "verification_needed")
        assert code(await client.get("/mandates")) == (403, "verification_needed")


async def test_what_is_no_matter_is_refused_by_name(identity: Office) -> None:
    them = await family(identity)
    async with them.client(them.mother) as client:
        answer = await client.post("/mandates", json=offer(them.sons, matters=["insurance.payee_account"]))
    assert code(answer) == (422, "wrong_matters")
    assert "insurance.payee_account" in answer.text
    assert fields(answer) == ["matters"]


async def test_mandates_of_a_day_are_limited(identity: Office) -> None:
    them = await family(identity)
    for _ in range(MATTERS.a_day):
        await them.given()
    async with them.client(them.mother) as client:
        answer = await client.post("/mandates", json=offer(them.sons))
    assert code(answer) == (429, "too_many_mandates_today")


async def test_sent_twice_under_its_key_it_is_given_once(identity: Office) -> None:
    them = await family(identity)
    async with them.client(them.mother, **{"idempotency-key": uuid4().hex}) as client:
        first = await client.post("/mandates", json=offer(them.sons))
        second = await client.post("/mandates", json=offer(them.sons))
    assert (first.status_code, first.json()) == (201, second.json())
    assert len((await them.mine(them.mother))["given"]) == 1


async def test_the_matters_are_listed(identity: Office) -> None:
    them = await family(identity)
    async with them.client(them.son) as client:
        shown = (await client.get("/mandates/matters")).json()
    assert [one["code"] for one in shown["matters"]] == list(MATTERS.matters)
