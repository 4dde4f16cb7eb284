"""Appointing, moving and dismissing persons over HTTP, whatever logins they have."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.identity.domain.officer import OFFICER
from services.identity.domain.person import PERSON, RecordDeath
from services.identity.domain.staff import STAFF, DismissStaff
from shared.contracts.identity import Role
from shared.department.counts import Limit
from shared.eventstore.aggregate import Context
from shared.standards.check_digits import mod_11_2
from shared.standards.divisions import WHOLE_COUNTRY
from shared.standards.id_number import IdNumber
from tests.services.identity.examples import LI_ID, NAMESAKE, NOW, TAYUANZHUANG, ZHENGDING
from tests.services.identity.office import Office, appointment, code, fields, fresh_number, someone

TOWNSHIP = "130123100000"
KIOSK = {"roles": ["kiosk"]}
CHILD, OLD = ("13012320200101001" + mod_11_2("13012320200101001"), "13012318500101001" + mod_11_2("13012318500101001"))


async def appoint(client: httpx.AsyncClient, login: str, **changes: object) -> UUID:
    answer = await client.post("/staff", json=appointment(login, **changes))
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["staff"])


async def administrator(identity: Office, login: str, number: str, division: str = ZHENGDING) -> httpx.AsyncClient:
    """The client of an administrator who is this person."""
    async with await identity.desk(Role.administrator, division=WHOLE_COUNTRY) as country:
        id = await appoint(country, login, roles=["administrator"], division=division, id_number=number)
    return identity.client(identity.department.token("staff", id, [Role.administrator], division))


async def posts(identity: Office, number: str) -> list[UUID]:
    """The staff ids under which a person serves."""
    stream = OFFICER.stream(identity.pseudonyms.officer(IdNumber(number)))
    return sorted((await identity.store.load(stream, OFFICER)).state.posts)


async def test_nobody_appoints_themselves_under_another_login(identity: Office) -> None:
    number = fresh_number()
    async with await administrator(identity, "self.admin", number) as client:
        answer = await client.post("/staff", json=appointment("self.reviewer", id_number=number, **KIOSK))

    assert code(answer) == (409, "not_oneself")
    assert len(await posts(identity, number)) == 1


async def test_nobody_dismisses_moves_or_resets_themselves_under_another_login(identity: Office) -> None:
    number = fresh_number()
    other = await identity.appoint_person(number, Role.kiosk)
    async with await administrator(identity, "twice.admin", number) as client:
        position = {"roles": ["kiosk"], "division": TOWNSHIP}
        answers = [
            code(await client.post(f"/staff/{other}/dismiss")),
            code(await client.post(f"/staff/{other}/one-time-password")),
            code(await client.post(f"/staff/{other}/move", json=position)),
        ]

    assert answers == [(409, "not_oneself")] * 3


async def test_roles_are_kept_apart_over_logins_and_both_are_named(identity: Office) -> None:
    number = fresh_number()
    async with await identity.desk(Role.administrator) as client:
        await appoint(client, "apart.keeper", roles=["seal_keeper"], id_number=number)
        wanted = appointment("apart.leader", roles=["leader"], division=TAYUANZHUANG, id_number=number)
        answer = await client.post("/staff", json=wanted)

    assert code(answer) == (409, "not_together")
    assert "seal keeper" in answer.json()["detail"]
    assert "leader" in answer.json()["detail"]


async def test_of_two_appointments_of_one_person_at_once_one_is_refused(identity: Office) -> None:
    number = fresh_number()
    wanted = [
        appointment("race.window", roles=["hospital_window"], id_number=number),
        appointment("race.clerk", roles=["insurance_clerk"], id_number=number),
    ]
    async with await identity.desk(Role.administrator) as client:
        answers = await asyncio.gather(*(client.post("/staff", json=one) for one in wanted))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await posts(identity, number)) == 1


async def test_a_login_that_is_anothers_leaves_no_post_behind(identity: Office) -> None:
    number = fresh_number()
    async with await identity.desk(Role.administrator) as client:
        await appoint(client, "taken.login")
        answer = await client.post("/staff", json=appointment("taken.login", id_number=number))

    assert code(answer) == (409, "login_taken")
    assert await posts(identity, number) == []


async def test_who_was_dismissed_may_serve_anew_under_another_login(identity: Office) -> None:
    number = fresh_number()
    async with await identity.desk(Role.administrator) as client:
        first = await appoint(client, "again.first", id_number=number)
        await client.post(f"/staff/{first}/dismiss")
        second = await appoint(client, "again.second", id_number=number)
        back = await client.post(f"/staff/{first}/move", json={"roles": ["registrar"], "division": ZHENGDING})

    assert await posts(identity, number) == [second]
    assert code(back) == (409, "serves_no_longer")


async def test_a_post_whose_end_a_crash_kept_out_keeps_nothing_apart(identity: Office) -> None:
    number = fresh_number()
    async with await identity.desk(Role.administrator) as client:
        first = await appoint(client, "crashed.keeper", roles=["seal_keeper"], id_number=number)
        await identity.store.execute(STAFF.stream(first), STAFF, DismissStaff(LI_ID, NOW), Context())
        second = await appoint(client, "crashed.leader", roles=["leader"], id_number=number)

    assert await posts(identity, number) == [second]


async def test_no_id_number_is_kept_or_told(identity: Office) -> None:
    number = fresh_number()
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/staff", json=appointment("untold.police", id_number=number))
        listed = await client.get("/staff", params={"limit": 200})
    kept = "select count(*) from events where data::text like $1 or stream like $1 or metadata::text like $1"

    assert number not in answer.text + listed.text
    assert await identity.department.engine.pool.fetchval(kept, f"%{number}%") == 0


@pytest.mark.parametrize("number", ["13012319850312001X", "", "130123"])
async def test_a_number_that_is_none_appoints_nobody(identity: Office, number: str) -> None:
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post("/staff", json=appointment("wrong.number", id_number=number))

    assert (answer.status_code, fields(answer)) == (422, ["id_number"])


async def test_a_helper_is_a_verified_person(identity: Office) -> None:
    person = someone()
    helping: dict[str, Any] = {
        "name": person["name"],
        "roles": ["helper"],
        "division": TAYUANZHUANG,
        "id_number": person["id_number"],
    }
    async with await identity.desk(Role.administrator, division=TAYUANZHUANG) as client:
        before = await client.post("/staff", json=appointment("village.helper", **helping))
        id = await identity.register(person)
        stranger = await client.post("/staff", json=appointment("village.helper", **helping | {"name": "别人"}))
        after = await client.post("/staff", json=appointment("village.helper", **helping))
    told = await identity.department.engine.pool.fetchval(
        "select data->>'person' from events where stream = $1 and type = 'identity.StaffAppointed'",
        f"staff-{identity.pseudonyms.staff('village.helper')}",
    )

    assert code(before) == code(stranger) == (409, "not_verified")
    assert after.json()["is_verified"]
    assert told == str(id)


async def test_whom_the_register_does_not_know_so_is_not_appointed(identity: Office) -> None:
    """Under another name, dead, a child, or of an impossible age: one answer."""
    living, dead = someone(), someone(name="李大明")
    await identity.enter(living)
    id = await identity.enter(dead)
    await identity.store.execute(PERSON.stream(id), PERSON, RecordDeath(NOW.date(), NOW), Context())
    wrong = [("某某某", living["id_number"]), ("李大明", dead["id_number"]), ("小某", CHILD), ("老某", OLD)]
    async with await identity.desk(Role.administrator) as client:
        answers = [
            await client.post("/staff", json=appointment("no.such", name=name, id_number=number))
            for name, number in wrong
        ]
        right = await client.post("/staff", json=appointment("such.one", name="王小明", id_number=living["id_number"]))

    assert {code(answer) for answer in answers} == {(409, "not_this_person")}
    assert right.status_code == 201


async def test_a_move_names_nobody_whom_the_register_knows_otherwise(identity: Office) -> None:
    person = someone()
    await identity.enter(person)
    id = await identity.appoint(Role.registrar)
    moved = {"roles": ["leader"], "division": TOWNSHIP, "id_number": person["id_number"]}
    async with await identity.desk(Role.administrator) as client:
        answer = await client.post(f"/staff/{id}/move", json=moved)

    assert code(answer) == (409, "not_this_person")


async def test_a_login_that_is_taken_tells_nothing_of_a_person(identity: Office) -> None:
    person = someone()
    await identity.register(person)
    helping = {"roles": ["helper"], "division": TAYUANZHUANG}
    async with await identity.desk(Role.administrator) as county:
        await appoint(county, "told.nothing")
    async with await identity.desk(Role.administrator, division=TAYUANZHUANG) as client:
        answers = [
            code(await client.post("/staff", json=appointment("told.nothing", name=name, id_number=number, **helping)))
            for name, number in ((person["name"], person["id_number"]), ("别人", fresh_number()))
        ]

    assert answers == [(409, "login_taken")] * 2


async def test_an_administrator_is_refused_so_often_a_day(identity: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Limit("few refused appointments", 2, timedelta(days=1), None)
    monkeypatch.setattr("services.identity.trying.REFUSED_APPOINTMENTS_DAY", few)
    person = someone()
    await identity.register(person)
    wanted = {"roles": ["helper"], "division": TAYUANZHUANG}
    async with await identity.desk(Role.administrator, division=TAYUANZHUANG) as client:
        answers = [
            await client.post("/staff", json=appointment(f"guess.{n}", id_number=fresh_number(), **wanted))
            for n in range(3)
        ]
        right = {"name": person["name"], "id_number": person["id_number"]}
        answers.append(await client.post("/staff", json=appointment("guess.right", **wanted, **right)))
    async with await identity.desk(Role.administrator, division=TAYUANZHUANG) as other:
        answers.append(await other.post("/staff", json=appointment("guess.right", **wanted, **right)))

    assert [answer.status_code for answer in answers] == [409, 409, 429, 429, 201]


async def test_a_village_appoints_no_operator(identity: Office) -> None:
    wanted = appointment("village.operator", roles=["operator"], division=TAYUANZHUANG, department="cases")
    async with await identity.desk(Role.administrator, division=TAYUANZHUANG) as client:
        answer = await client.post("/staff", json=wanted)

    assert code(answer) == (403, "not_yours_to_appoint")


async def test_an_operator_is_appointed_for_a_department_and_signs_in_for_it(identity: Office) -> None:
    wanted = {"roles": ["operator"], "division": WHOLE_COUNTRY}
    async with await identity.desk(Role.administrator, division=WHOLE_COUNTRY) as client:
        none = await client.post("/staff", json=appointment("identity.runs", **wanted))
        unknown = await client.post("/staff", json=appointment("identity.runs", **wanted, department="treasury"))
        await appoint(client, "identity.runs", **wanted, department="identity")
        await appoint(client, "cases.runs", **wanted, department="cases")
    answers = []
    for login in ("identity.runs", "cases.runs"):
        async with identity.client() as client:
            tokens = await identity.staff_sign_in(login)
            client.headers["authorization"] = f"Bearer {tokens['access_token']}"
            answers.append((await client.get("/operations/parked")).status_code)

    assert (fields(none), fields(unknown)) == (["department"], ["department"])
    assert answers == [200, 403]


async def test_who_is_moved_acts_at_once_as_what_they_are_now(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as client, identity.client() as moved:
        id = await appoint(client, "moved.police")
        tokens = await identity.staff_sign_in("moved.police")
        moved.headers["authorization"] = f"Bearer {tokens['access_token']}"
        before = await moved.get("/people")
        position = {"roles": ["leader"], "division": TOWNSHIP}
        answer = await client.post(f"/staff/{id}/move", json=position)
        again = await client.post(f"/staff/{id}/move", json=position)
        after = await moved.get("/people")
        fresh = (await moved.post("/token/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
        moved.headers["authorization"] = f"Bearer {fresh['access_token']}"
        me = (await moved.get("/me")).json()
        with_new = await moved.get("/people")

    assert (before.status_code, answer.status_code) == (200, 200)
    assert "event-id" not in again.headers
    assert code(after) == code(with_new) == (403, "role_needed")
    assert (me["roles"], me["division"]) == (["leader"], TOWNSHIP)


async def test_moving_takes_power_over_the_old_post_and_the_new(identity: Office) -> None:
    async with await identity.desk(Role.administrator) as county:
        registrar = await appoint(county, "old.post")
        window = await appoint(county, "new.post", roles=["window"], division=TOWNSHIP)
    async with await identity.desk(Role.administrator, division=TOWNSHIP) as township:
        answers = [
            code(await township.post(f"/staff/{registrar}/move", json={"roles": ["window"], "division": TOWNSHIP})),
            code(await township.post(f"/staff/{window}/move", json={"roles": ["registrar"], "division": TOWNSHIP})),
            code(await township.post(f"/staff/{window}/move", json={"roles": ["window"], "division": NAMESAKE})),
        ]

    assert answers == [(403, "outside_division"), (403, "not_yours_to_appoint"), (403, "outside_division")]


async def test_who_was_appointed_before_persons_were_named_is_named_when_moved(identity: Office) -> None:
    id, number = await identity.appoint(Role.registrar), fresh_number()
    position = {"roles": ["leader"], "division": TOWNSHIP}
    async with await identity.desk(Role.administrator) as client:
        nobody = await client.post(f"/staff/{id}/move", json=position)
        named = await client.post(f"/staff/{id}/move", json={**position, "id_number": number})
        another = await client.post(f"/staff/{id}/move", json={**position, "id_number": fresh_number()})

    assert (nobody.status_code, fields(nobody)) == (422, ["id_number"])
    assert named.status_code == 200
    assert code(another) == (409, "another_person")
    assert await posts(identity, number) == [id]


async def test_of_whom_one_could_not_appoint_only_name_and_roles_are_shown(new_identity: Office) -> None:
    async with await new_identity.desk(Role.administrator) as county:
        keeper = await appoint(county, "shown.keeper", roles=["seal_keeper"], division=TOWNSHIP)
        await appoint(county, "shown.window", roles=["window"], division=TOWNSHIP)
    async with await new_identity.desk(Role.administrator, division=TOWNSHIP) as township:
        rows = {row["staff"]: row for row in (await township.get("/staff")).json()["staff"]}
        refused = await township.post(f"/staff/{keeper}/one-time-password")
        beyond = await township.get("/staff", params={"division": ZHENGDING})

    shown = rows.pop(str(keeper))
    assert (shown["name"], shown["roles"], shown["login"], shown["appointed_at"]) == (
        "李警官",
        ["seal_keeper"],
        None,
        None,
    )
    assert "shown.window" in {row["login"] for row in rows.values()}
    assert code(refused) == (403, "not_yours_to_appoint")
    assert code(beyond) == (403, "outside_division")


async def test_an_import_goes_by_the_same_rules_line_by_line(identity: Office) -> None:
    number = fresh_number()
    line = {"name": "审有民", "roles": ["reviewer"], "division": TAYUANZHUANG}
    lines = [
        {**line, "login": "rules.good", "id_number": number},
        {**line, "login": "rules.keeper", "id_number": number, "roles": ["seal_keeper"], "division": TOWNSHIP},
        {**line, "login": "rules.operator", "id_number": fresh_number(), "roles": ["operator"], "department": "cases"},
        {**line, "login": "rules.helper", "id_number": fresh_number(), "roles": ["helper"]},
        {**line, "login": "rules.nobody"},
    ]
    async with await identity.desk(Role.administrator) as client:
        await client.post("/staff/import", json=lines[:1])
        report = (await client.post("/staff/import", json=lines)).json()

    assert [row["line"] for row in report["unchanged"]] == [1]
    assert [(row["line"], row["code"]) for row in report["rejected"]] == [
        (2, "not_together"),
        (3, "not_yours_to_appoint"),
        (4, "not_verified"),
        (5, "invalid"),
    ]
