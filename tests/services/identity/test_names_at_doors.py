"""A name is found by any of its spellings, whatever an earlier release stored."""

from typing import Any
from uuid import UUID

import pytest

from shared.contracts.identity import PersonCorrected, Role
from shared.eventstore.aggregate import Aggregate, Context
from shared.standards.id_number import IdNumber
from tests.names import ALIKE
from tests.services.identity.examples import NOW, PINGNAN_VILLAGE
from tests.services.identity.office import Office, code, fields, fresh_phone, seen_of, someone
from tests.until import until

AS_TOLD: Aggregate[None, PersonCorrected] = Aggregate("told", None, lambda _, event: [event], lambda state, _: state)


async def stored(identity: Office, name: str, **changes: str) -> tuple[UUID, dict[str, str]]:
    """Somebody in the register, spelt as an earlier release took it."""
    person = someone(**changes)
    id = await identity.enter(person)
    event = PersonCorrected(
        person=id, name=name, id_number=IdNumber(person["id_number"]), reason="录入", corrected_at=NOW
    )
    await identity.store.execute(f"person-{id}", AS_TOLD, event, Context())
    return id, {**person, "name": name}


@pytest.mark.parametrize(("written", "typed", "name"), ALIKE)
async def test_a_person_is_found_by_any_spelling(identity: Office, written: str, typed: str, name: str) -> None:
    id, person = await stored(identity, written)
    phone, as_typed = fresh_phone(), {**person, "name": typed}
    await identity.open_account(as_typed, phone)
    async with await identity.desk(Role.registrar) as desk:

        async def named() -> list[Any]:
            found = await desk.post("/people/find", json={"name": typed})
            return [one for one in found.json()["people"] if one["person"] == str(id)]

        [row] = await until(named)
        by_number = await desk.post("/people/find", json={"id_number": person["id_number"], "name": typed})
        seen = await desk.get(f"/people/{id}")
        principal = {"name": typed, "id_number": person["id_number"]}
        present = await desk.post("/counter/mandates/find", json={"principal": principal, "card_seen": True})
        verified = await desk.post("/verifications", json=seen_of(as_typed, phone))

    assert row["name"] == seen.json()["name"] == name
    assert by_number.json() == {"people": [row], "are_all": True}
    assert (present.status_code, verified.status_code) == (200, 201), verified.text


@pytest.mark.parametrize(("written", "typed", "name"), ALIKE[:1] + ALIKE[6:8])
async def test_the_register_keeps_the_one_spelling(identity: Office, written: str, typed: str, name: str) -> None:
    async with await identity.desk(Role.registrar) as desk:
        entered = await desk.post("/people", json=someone(name=typed))
        csv = "姓名,公民身份号码,行政区划代码,住址\n" + ",".join(someone(name=typed).values())
        listed = await desk.post("/people/import", content=csv.encode("utf-8"), headers={"content-type": "text/csv"})
        [row] = listed.json()["entered"]
        seen = await desk.get(f"/people/{row['person']}")
    assert entered.json()["name"] == seen.json()["name"] == name
    assert written


@pytest.mark.parametrize(("name", "point"), [("郎1月", "U+0031"), ("郎x", "U+0078"), ("郎\ue863", "U+E863")])
async def test_a_refused_name_is_told_with_its_character(identity: Office, name: str, point: str) -> None:
    async with await identity.desk(Role.registrar) as desk:
        refused = await desk.post("/people", json=someone(name=name))
        listed = await desk.post("/people/import", json=[someone(name=name)])
    [rejected] = listed.json()["rejected"]
    assert (code(refused), fields(refused)) == ((422, "wrong_name"), ["name"])
    assert point in refused.json()["errors"][0]["message"]
    assert (rejected["code"], rejected["errors"][0]["field"]) == ("wrong_name", "name")
    assert point in rejected["detail"]


async def test_people_of_other_places_are_not_found(identity: Office) -> None:
    _, person = await stored(identity, "苏安客", division=PINGNAN_VILLAGE)
    async with await identity.desk(Role.registrar) as desk:
        by_number = await desk.post("/people/find", json={"id_number": person["id_number"]})
        by_name = await desk.post("/people/find", json={"name": "苏安客"})
        elsewhere = await desk.post("/people/find", json={"name": "苏安客", "division": PINGNAN_VILLAGE})
        neither = await desk.post("/people/find", json={})
    assert by_number.json() == by_name.json() == {"people": [], "are_all": True}
    assert code(elsewhere)[0] == 403
    assert (code(neither), fields(neither)) == ((422, "name_or_number_needed"), ["id_number", "name"])


async def test_a_number_and_another_name_find_nobody(identity: Office) -> None:
    _, person = await stored(identity, "苏安客")
    async with await identity.desk(Role.registrar) as desk:
        found = await desk.post("/people/find", json={"id_number": person["id_number"], "name": "苏客安"})
    assert found.json()["people"] == []


async def test_a_line_with_a_bidi_control_is_refused(identity: Office) -> None:
    async with await identity.desk(Role.registrar) as desk:
        refused = await desk.post("/people", json=someone(address="3排\u202e12号"))
    assert (code(refused), fields(refused)) == ((422, "wrong_address"), ["address"])
    assert "U+202E" in refused.json()["detail"]
